#!/usr/bin/env bash
# Makes the screenshots anew from a real window with the bundled samples.
#
# usage: make.sh PROGRAM [window|lab|lessons]   PROGRAM is best a release build; window makes only those of pictures and
# recipe, lab those of timeline and lab, lessons those of lessons
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
program=$(readlink -f "${1:?usage: make.sh PROGRAM}")
# shellcheck source=../tests/e2e/lib.sh
. "$root/tests/e2e/lib.sh"
open_display
magick=$(command -v convert-im6.q16 || command -v magick || command -v convert)

# save NAME [GEOMETRY]: a picture of the window or of a part of it.
save() {
    shot "$stage/shot.png"
    "$magick" "$stage/shot.png" ${2:+-crop "$2" +repage} -strip -colors 255 -define png:compression-level=9 "PNG8:$here/$1.png"
}

# forget: what the windows before remember.
forget() { rm -rf "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"; }

# run_with EXECUTOR SECONDS: chooses who does the work, starts, and waits.
run_with() {
    carried_by "$1"
    click 200 56
    sleep "$2"
}

# The window of lessons, and what the button that tries one looks like while it can be pressed.
open_lessons() {
    open_window
    command_named lessons
    sleep 1
    can_try=$(button)
}
button() {
    shot "$stage/shot.png"
    "$magick" "$stage/shot.png" -crop 1x1+1024+158 +repage -format '%[hex:p{0,0}]' info:
}
tried() {
    # Looking more often would disturb what is tried.
    sleep 2
    [ "$(button)" = "$can_try" ]
}

# scroll_to_end X Y: with the pointer there.
scroll_to_end() {
    xdotool mousemove --window "$window" "$1" "$2" click --repeat 60 --delay 20 5
    sleep 1
}

# lesson Y NAME: tries the entry of the list that stands there, and keeps its card.
lesson() {
    click 103 "$1"
    sleep 0.5
    click 1064 158
    xdotool mousemove --window "$window" 700 790
    sleep 2
    wait_for 300 tried
    sleep 1
    save "$2"
}

if [ "${2:-all}" = all ] || [ "${2:-all}" = lessons ]; then
open_lessons
lesson 403 lesson-one-lock
lesson 516 lesson-lost-updates
scroll_to_end 103 600
lesson 746 lessons-table
lesson 153 lesson-async
close_window
fi
if [ "${2:-all}" = lessons ]; then exit; fi

if [ "${2:-all}" = all ] || [ "${2:-all}" = window ]; then
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
forget

# The samples, and what is done with them by hand. The pointer rests where it hides nothing.
away() {
    xdotool mousemove --window "$window" 900 16
    sleep 1
}
add_found() {
    key ctrl+f
    sleep 1
    xdotool type --window "$window" "$1"
    sleep 1
    key Return
    sleep 1
}
mkdir "$stage/photos"
cp -r "$root"/assets/samples/* "$stage/photos"
rm "$stage/photos/SOURCES.tsv"
open_window "$stage/photos"
sleep 3
for pressed in Down Down Down Down; do key "$pressed"; done
wait_for 30 settled
key ctrl+f
sleep 1
xdotool type --window "$window" colour
away
sleep 3
save finder
key Escape
add_found 'split tone'
add_found crop
key o
wait_for 30 settled
xdotool mousemove --window "$window" 875 635
sleep 0.3
xdotool mousedown 1
sleep 0.3
for step in 1 2 3 4 5 6; do
    xdotool mousemove --window "$window" $((875 - 20 * step)) $((635 - 20 * step))
    sleep 0.1
done
save crop
xdotool mouseup 1
away
wait_for 30 settled
key Escape
click 384 748 # Split
for pressed in h i; do key "$pressed"; done
away
wait_for 30 settled
save preview
for pressed in h i; do key "$pressed"; done
click 520 748 # After
command_named 'light theme'
command_named 'contact sheet'
# The list is made wider, for three pictures beside each other.
xdotool mousemove --window "$window" 288 500
sleep 0.5
xdotool mousedown 1
sleep 0.3
for x in 300 400 500 600; do
    xdotool mousemove --window "$window" "$x" 500
    sleep 0.1
done
xdotool mouseup 1
key ctrl+Return
away
wait_for 60 settled
save sheet
command_named summary
away
save summary
close_window
forget
fi
if [ "${2:-all}" = window ]; then exit; fi

if [ "${2:-all}" = all ]; then

# The pictures of a page as a checklist, and the timeline of a run that fetches them.
mkdir "$stage/page"
for day in 1 2 3 4; do
    for picture in "$root"/assets/samples/*/*.[jp][pn]g; do
        cp "$picture" "$stage/page/day-$day-$(basename "$picture")"
    done
done
"$program" lab "$stage/page" --serve-sample 8101 --latency 150 --jitter 100 >/dev/null 2>&1 &
server=$!
open_window
command_named 'add from web'
sleep 1
xdotool type 'http://127.0.0.1:8101/'
for pressed in Tab Tab space shift+Tab space; do
    key "$pressed"
    sleep 0.4
done
sleep 12
save web
click 912 703 # Add
add_filter Colour sepia
sleep 2
carried_by both
click 200 56
sleep 12
key ctrl+t
xdotool mousemove --window "$window" 640 300
sleep 1
save timeline-web
close_window
kill "$server"
forget

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
carried_by both
xdotool mousemove --window "$window" 200 56 click 1
sleep 0.6
key ctrl+t
sleep 1
save running
sleep 8
run_with threads 11
run_with cores 7
run_with threads 11
run_with cores 7
run_with both 7
save comparison
close_window
fi

# The timeline of each executor on the same pictures, then two runs on one axis.
forget
rm -rf "$stage/holidays"
for i in 1 2; do
    mkdir -p "$stage/holidays"
    cp -r "$root/assets/samples" "$stage/holidays/day $i"
    rm "$stage/holidays/day $i/SOURCES.tsv"
done
size=(1280 860)
open_window "$stage/holidays"
sleep 4
add_filter Colour sepia
sleep 2
key ctrl+t
command_named 'comparison strip' # away

# run_of Y [NAME]: chooses in the Workers menu, runs to the end, and keeps the timeline.
run_of() {
    click 198 16
    click 230 "$1"
    click 200 56
    sleep 3
    wait_for 300 visible '^Lightloom$'
    xdotool mousemove --window "$window" 640 300
    sleep 2
    if [ -n "${2:-}" ]; then save "$2" 1280x270+0+558; fi
}
run_of 50 timeline-sequential
run_of 78 timeline-threads
run_of 106 timeline-cores
run_of 162 timeline-async
run_of 190 timeline-processes
run_of 134 timeline-both
# Higher, so that the lanes of both runs are seen.
xdotool windowsize --sync "$window" 1280 930
sleep 1
xdotool mousemove --window "$window" 640 622
sleep 0.5
xdotool mousedown 1
sleep 0.3
for y in 610 600 590 580; do xdotool mousemove --window "$window" 640 "$y"; sleep 0.1; done
xdotool mouseup 1
sleep 1
click 573 613 # Compare with…
click 573 784 # the run with threads
xdotool mousemove --window "$window" 640 300
sleep 2
save timeline-compared

# The lab and its verdict. It is waited for without looking at the window, which would be work of another program.
key ctrl+l
sleep 2
click 20 312 # Processes too
click 70 871 # Measure
sleep 5
xdotool mousemove --window "$window" 760 56
wait_for 600 settled
save lab
close_window
