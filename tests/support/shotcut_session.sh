#!/bin/bash
# Opens a project in Shotcut's own window, takes a picture of it, edits it where asked, saves it under another name.
#
#   dbus-run-session xvfb-run -s "-screen 0 1600x1000x24" bash shotcut_session.sh PROJECT SAVED SHOT.png [EDIT]
#
# EDIT is bash that may call `keys ...`, `text WORDS [MS]`, `click X Y [TIMES]` (xdotool) and `shot NAME`.
set -u
project=$1 saved=$2 picture=$3 edit=${4:-}
HOME=$(mktemp -d /tmp/shotcut-home.XXXX) XDG_RUNTIME_DIR=$(mktemp -d /tmp/shotcut-run.XXXX)
export HOME XDG_RUNTIME_DIR SDL_AUDIODRIVER=dummy LANG=C.UTF-8 QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1

window() { xdotool search --onlyvisible --name "$1" 2>/dev/null | head -1; }
keys() { xdotool key --delay 80 "$@"; sleep 0.7; }
text() { xdotool type --delay "${2:-30}" "$1"; sleep 0.5; }
click() { # it wants to see the mouse come before it believes a click
  xdotool mousemove $(($1 - 2)) $(($2 - 2)); sleep 0.5
  xdotool mousemove "$1" "$2" click --repeat "${3:-1}" --delay 100 1; sleep 1.5
}
shot() { import -window root "$(dirname "$picture")/$1.png"; }

openbox 2>/dev/null & manager=$!
shotcut --noupgrade "$project" >"$(dirname "$picture")/shotcut.log" 2>&1 & editor=$!
trap 'kill $editor $manager 2>/dev/null; sleep 1; kill -9 $editor 2>/dev/null' EXIT
main=
for _ in $(seq 120); do
  sleep 1
  main=$(window "^$(basename "$project") - Shotcut") && [ -n "$main" ] && break
  kill -0 $editor || break
done
if [ -z "$main" ]; then shot "not-opened"; echo "Shotcut did not open $project" >&2; exit 2; fi
xdotool windowmove "$main" 0 0 windowsize "$main" 1600 1000 windowfocus "$main"
sleep 8
import -window root "$picture"
eval "$edit"
rm -f "$saved"
for _ in 1 2 3; do
  keys ctrl+shift+s; sleep 3
  keys ctrl+a; text "$saved"; keys Return
  for _ in $(seq 20); do [ -s "$saved" ] && break 2; sleep 1; done
  keys Escape
done
sleep 2
[ -s "$saved" ] || { shot "not-saved"; echo "Shotcut did not save $saved" >&2; exit 4; }
