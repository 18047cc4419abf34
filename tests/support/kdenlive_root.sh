#!/bin/bash
# A folder with a Debian that has Kdenlive 26, to open projects in: about 2.6 GB, some minutes. Run as root on Debian.
#
#   bash kdenlive_root.sh FOLDER        and then    TWOPOP_KDENLIVE_ROOT=FOLDER make editors
set -euo pipefail
source "$(dirname "$0")/debian_root.sh"
debian_root "$1" "${SUITE:-forky}" \
  kdenlive xvfb xauth xdotool dbus libglib2.0-bin openbox frei0r-plugins breeze-icon-theme imagemagick \
  qml6-module-org-kde-desktop melt fonts-dejavu-core
