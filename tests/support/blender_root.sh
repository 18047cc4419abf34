#!/bin/bash
# A folder with a Debian that has Blender with its window: about 1.5 GB. Run as root on Debian.
#
#   bash blender_root.sh FOLDER        and then    TWOPOP_BLENDER_ROOT=FOLDER make editors
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
  blender xvfb xauth imagemagick libgl1-mesa-dri python3-pip
# Blender imports the system's Python.
chroot "$folder" pip install -q --break-system-packages av filelock httpx numpy opentimelineio pillow platformdirs pydantic soundfile stamina
