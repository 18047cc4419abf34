#!/bin/bash
# A folder with a Debian that has Kdenlive 26, to open projects in: about 2.6 GB, some minutes. Run as root on Debian.
#
#   bash kdenlive_root.sh FOLDER        and then    TWOPOP_KDENLIVE_ROOT=FOLDER make editors
set -euo pipefail
folder=$1 suite=${SUITE:-forky} mirror=${MIRROR:-http://deb.debian.org/debian}
script=/usr/share/debootstrap/scripts/trixie # an older debootstrap does not know the suite by name
mkdir -p "$folder"
[ -x "$folder/usr/bin/apt-get" ] || debootstrap --variant=minbase "$suite" "$folder" "$mirror" "$script"
cp /etc/resolv.conf "$folder/etc/resolv.conf"
# Testing's index is renewed less often than it says where a mirror is frozen; services must not start in there.
echo 'Acquire::Check-Valid-Until "false";' >"$folder/etc/apt/apt.conf.d/99-no-expiry"
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"
mountpoint -q "$folder/proc" || mount -t proc proc "$folder/proc"
chroot "$folder" apt-get update -qq
chroot "$folder" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  kdenlive xvfb xauth xdotool dbus libglib2.0-bin openbox frei0r-plugins breeze-icon-theme imagemagick \
  qml6-module-org-kde-desktop melt fonts-dejavu-core
