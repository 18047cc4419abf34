#!/bin/bash
# A folder with a Debian whose GStreamer Editing Services read .otio: about 1.4 GB. Run as root on Debian.
#
#   bash ges_root.sh FOLDER        and then    TWOPOP_GES_ROOT=FOLDER make editors
set -euo pipefail
folder=$1 mirror=${MIRROR:-http://deb.debian.org/debian}
mkdir -p "$folder"
[ -x "$folder/usr/bin/apt-get" ] || debootstrap --variant=minbase trixie "$folder" "$mirror"
cp /etc/resolv.conf "$folder/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"
mountpoint -q "$folder/proc" || mount -t proc proc "$folder/proc"
chroot "$folder" apt-get update -qq
chroot "$folder" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  ges1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav \
  gstreamer1.0-python3-plugin-loader python3-pip python3-gi gir1.2-ges-1.0
chroot "$folder" pip install -q --break-system-packages opentimelineio otio-xges-adapter # the plugin imports the system's Python
