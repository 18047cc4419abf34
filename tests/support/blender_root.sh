#!/bin/bash
# A folder with a Debian that has Blender with its window: about 1.5 GB. Run as root on Debian.
#
#   bash blender_root.sh FOLDER        and then    TWOPOP_BLENDER_ROOT=FOLDER make editors
set -euo pipefail
source "$(dirname "$0")/debian_root.sh"
debian_root "$1" trixie \
  blender xvfb xauth imagemagick libgl1-mesa-dri python3-pip
# Blender imports the system's Python.
chroot "$1" pip install -q --break-system-packages av filelock httpx numpy opentimelineio pillow platformdirs pydantic soundfile stamina
