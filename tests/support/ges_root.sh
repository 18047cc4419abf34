#!/bin/bash
# A folder with a Debian whose GStreamer Editing Services read .otio: about 1.4 GB. Run as root on Debian.
#
#   bash ges_root.sh FOLDER        and then    TWOPOP_GES_ROOT=FOLDER make editors
set -euo pipefail
source "$(dirname "$0")/debian_root.sh"
debian_root "$1" trixie \
  ges1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav \
  gstreamer1.0-python3-plugin-loader python3-pip python3-gi gir1.2-ges-1.0
chroot "$1" pip install -q --break-system-packages opentimelineio otio-xges-adapter # the plugin imports the system's Python
