#!/usr/bin/env bash
# Makes the screenshots anew from a real window with the bundled samples.
#
# usage: make.sh PROGRAM        PROGRAM is best a release build
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
program=$(readlink -f "${1:?usage: make.sh PROGRAM}")
# shellcheck source=../tests/e2e/lib.sh
. "$root/tests/e2e/lib.sh"
open_display
magick=$(command -v convert-im6.q16 || command -v magick || command -v convert)

save() {
    shot "$stage/shot.png"
    "$magick" "$stage/shot.png" -strip -colors 255 -define png:compression-level=9 "PNG8:$here/$1.png"
}

# run_with X: chooses who carries the work in the toolbar, starts, and waits.
run_with() {
    click "$1" 56
    click 200 56
    sleep "$2"
}

open_window
save empty
close_window

mkdir "$stage/demo"
cd "$stage/demo"
open_window demo
sleep 3
key Down
key Down
sleep 2
save loaded
close_window

# Enough pictures that a run takes long enough to be looked at.
for i in 01 02 03 04 05 06 07 08; do
    mkdir -p "$stage/holidays"
    cp -r "$root/assets/samples" "$stage/holidays/day $i"
    rm "$stage/holidays/day $i/SOURCES.tsv"
done
open_window "$stage/holidays"
sleep 4
add_filter Detail gaussian_blur
sleep 2
click 620 56
xdotool mousemove --window "$window" 200 56 click 1
sleep 1.6
save running
sleep 8
run_with 489 11
run_with 560 7
run_with 489 11
run_with 560 7
run_with 620 7
save comparison
close_window
