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

save() {
    shot "$stage/shot.png"
    "$magick" "$stage/shot.png" -strip -colors 255 -define png:compression-level=9 "PNG8:$here/$1.png"
}
magick=$(command -v convert-im6.q16 || command -v magick || command -v convert)

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
click 200 56
sleep 0.25
save running
sleep 4
click 489 56
click 200 56
sleep 5
click 560 56
click 200 56
sleep 5
save comparison
close_window
