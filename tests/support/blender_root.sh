#!/bin/bash
# A folder with a Debian that has Blender with its window: about 1.5 GB. Run as root on Debian.
#
#   bash blender_root.sh FOLDER        and then    TWOPOP_BLENDER_ROOT=FOLDER make editors
#   SUITE=trixie bash blender_root.sh OTHER       Blender 4.3
set -euo pipefail
source "$(dirname "$0")/debian_root.sh"
debian_root "$1" "${SUITE:-sid}" \
  blender xvfb xauth imagemagick libgl1-mesa-dri python3-pip
# Blender imports the system's Python; what pyproject.toml asks for, but OpenTimelineIO, which the panel does not need.
chroot "$1" pip install -q --break-system-packages --only-binary :all: \
  'av>=18.1,<19' filelock httpx numpy pillow platformdirs pydantic soundfile stamina
