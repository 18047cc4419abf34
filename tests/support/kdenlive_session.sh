#!/bin/bash
# Opens a project in Kdenlive's own window, takes a picture of it, edits it where asked, saves it under another name.
#
#   dbus-run-session xvfb-run -s "-screen 0 1600x1400x24" bash kdenlive_session.sh PROJECT SAVED SHOT.png [EDIT]
#
# EDIT is bash that may call `act ACTION` (one of Kdenlive's actions), `keys ...` and `text ...` (xdotool), `shot NAME`.
set -u
project=$1 saved=$2 picture=$3 edit=${4:-}
HOME=$(mktemp -d /tmp/kdenlive-home.XXXX) XDG_RUNTIME_DIR=$(mktemp -d /tmp/kdenlive-run.XXXX)
export HOME XDG_RUNTIME_DIR SDL_AUDIODRIVER=dummy LANG=C.UTF-8 QT_QPA_PLATFORM=xcb
name=$(basename "$project" .kdenlive)

window() { xdotool search --onlyvisible --name "$1" 2>/dev/null | head -1; }
wait_for() { for _ in $(seq "$2"); do [ -n "$(window "$1")" ] && return 0; sleep 1; done; return 1; }
bus() { gdbus call --timeout 2 --session -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.ListNames | grep -o "org.kde.kdenlive[-0-9]*" | head -1; }
act() { gdbus call --timeout 3 --session -d "$(bus)" -o /kdenlive/MainWindow_1 -m org.kde.KMainWindow.activateAction "$1" >/dev/null 2>&1; sleep 1; }
keys() { xdotool key --delay 60 "$@"; sleep 0.5; }
text() { xdotool type --delay 30 "$1"; sleep 0.5; }
shot() { import -window root "$(dirname "$picture")/$1.png"; }

openbox 2>/dev/null & manager=$!
kdenlive --no-welcome "$project" >"$(dirname "$picture")/kdenlive.log" 2>&1 & editor=$!
trap 'kill $editor $manager 2>/dev/null; sleep 1; kill -9 $editor 2>/dev/null' EXIT
wait_for "Error" 60 && keys Return # first start: it misses a folder that it makes afterwards
main=
for _ in $(seq 120); do
  sleep 1
  main=$(window "$name") && [ -n "$main" ] && break
  if [ -n "$(window Error)" ]; then shot error; echo "Kdenlive complains of $project: error.png" >&2; exit 3; fi
  kill -0 $editor || break
done
if [ -z "$main" ]; then shot "not-opened"; echo "Kdenlive did not open $project" >&2; exit 2; fi
sleep 3
xdotool windowmove "$main" 0 0 windowsize "$main" 1600 1400
sleep 4
act fit_all_tracks; act zoom_fit; sleep 3
import -window root "$picture"
eval "$edit"
rm -f "$saved"
for _ in 1 2 3; do
  act file_save_as
  wait_for "Save" 30 || continue
  keys ctrl+a; text "$saved"; keys Return
  for _ in $(seq 30); do [ -s "$saved" ] && break 2; sleep 1; done
  keys Escape
done
sleep 2
[ -s "$saved" ] || { shot "not-saved"; echo "Kdenlive did not save $saved" >&2; exit 4; }
