# Sourced, as root on Debian: makes a Debian of its own in a folder, for editors that this one is too old for.

# debian_root FOLDER SUITE PACKAGE...    the mirror is the system's own, or $MIRROR
debian_root() {
  local folder=$1 suite=$2 mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)}
  shift 2
  mkdir -p "$folder"
  # An older debootstrap does not know every suite by name; all are made alike.
  [ -x "$folder/usr/bin/apt-get" ] ||
    debootstrap --variant=minbase "$suite" "$folder" "$mirror" /usr/share/debootstrap/scripts/trixie
  cp /etc/resolv.conf "$folder/etc/resolv.conf"
  # An index is renewed less often than it says where a mirror is frozen; services must not start in there.
  echo 'Acquire::Check-Valid-Until "false";' >"$folder/etc/apt/apt.conf.d/99-no-expiry"
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
  chmod +x "$folder/usr/sbin/policy-rc.d"
  mountpoint -q "$folder/proc" || mount -t proc proc "$folder/proc"
  chroot "$folder" apt-get update -qq
  chroot "$folder" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  mkdir -p "$folder/etc/ssl/certs" # what this machine trusts, pip in there trusts too
  cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/ca-certificates.crt"
}
