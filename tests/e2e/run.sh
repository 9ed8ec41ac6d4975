#!/usr/bin/env bash
# The main job as a person does it, in a real window: drop a folder, choose a filter from the menu, press Start, find
# the results on disk, run again with another choice and compare.
#
# usage: run.sh PROGRAM [FOLDER-FOR-SCREENSHOTS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$(readlink -f "${1:?usage: run.sh PROGRAM [FOLDER]}")
shots=${2:-$root/target/e2e}
drag_source=${LIGHTLOOM_SHARED:-$root/../shared}/e2e/drag_source.py
# shellcheck source=lib.sh
. "$here/lib.sh"

begin
[ -f "$drag_source" ] || skip "the end-to-end test needs a drag source at $drag_source"

# --- without a display
work=$(mktemp -d)
if message=$(cd "$work" && env -u DISPLAY -u WAYLAND_DISPLAY "$program" 2>&1); then exit 1; fi
[[ $message == *'lightloom process'*'lightloom demo'* && $message != *panicked* ]]
rm -rf "$work"
ok 'without a display the program names the commands that need none'

# --- a window
open_display
folder="$stage/pictures/Fotos für Oma"
mkdir -p "$folder/Garten"
cp "$root"/assets/samples/journey/*.jpg "$folder/"
cp "$root"/assets/samples/studies/{tomatoes,white-roses}.jpg "$folder/Garten/"
echo 'Liebe Oma' >"$folder/broken.jpg"
originals=$(cd "$folder" && find . -type f -exec sha256sum {} + | sort)
count=$(find "$folder" -name '*.jpg' ! -name broken.jpg | wc -l)
begun=$(date +%s%N)
open_window
shot "$shots/1-start.png"
ok "the window opens ($(((($(date +%s%N) - begun)) / 1000000 - 1000)) ms until it was sized)"

# --- drop
/usr/bin/python3 "$drag_source" "$folder" >"$stage/drag.log" 2>&1 &
pids+=($!)
wait_for 20 visible '^drag-source$'
source_window=$(xdotool search --onlyvisible --name '^drag-source$' | tail -1)
xdotool windowmove "$source_window" 1400 300
xdotool windowactivate --sync "$source_window" || true
sleep 0.5
xdotool mousemove --window "$source_window" 80 60
sleep 0.3
xdotool mousedown 1
eval "$(xdotool getmouselocation --shell)"
for i in $(seq 1 20); do
    xdotool mousemove $((X + (700 - X) * i / 20)) $((Y + (460 - Y) * i / 20))
    sleep 0.05
done
sleep 0.6
shot "$shots/2-hover.png"
xdotool mouseup 1
wait_for 10 grep -q 'drag-end' "$stage/drag.log"
xdotool windowminimize "$source_window" || true
xdotool windowactivate --sync "$window" || true
sleep 3
shot "$shots/3-loaded.png"
ok 'a folder is dropped by a real drag source'

# --- a filter from the menu, with the mouse
add_filter Colour greyscale "$shots/4-menu.png"
sleep 1.5
shot "$shots/5-filter.png"

# --- an idle window, once the preview is exact
wait_for 60 settled
before=$(ticks)
sleep 5
used=$(($(ticks) - before))
[ "$used" -le 2 ] || fail "an idle window used $used ticks in 5 s"
ok "an idle window uses $used processor ticks in 5 s"

# --- start, and the results on disk
results="$stage/pictures/lightloom/Fotos für Oma"
written() { [ "$(find "$results" -name "$1" 2>/dev/null | wc -l)" -eq "$2" ]; }
click 200 56
shot "$shots/6-running.png"
wait_for 60 written '*.jpg' "$count"
sleep 1
shot "$shots/7-finished.png"
[ -f "$results/Garten/tomatoes.jpg" ]
while IFS= read -r -d '' result; do
    # An independent reader: a whole JPEG whose pixels are grey, with as many pixels as its original has.
    read -r format colours width height < <(identify -format '%m %[channels] %w %h\n' "$result")
    read -r source_width source_height < <(identify -format '%w %h\n' "$folder/${result#"$results"/}")
    [ "$format" = JPEG ] && [[ $colours == gray* ]]
    [ $((width * height)) -eq $((source_width * source_height)) ]
done < <(find "$results" -name '*.jpg' -print0)
ok "$count results are whole, grey and in their folders"
[ "$originals" = "$(cd "$folder" && find . -type f -exec sha256sum {} + | sort)" ]
[ -z "$(find "$stage/pictures" -name '*.tmp')" ]
ok 'originals are untouched and no temporary file stays'

# --- the other choices, and the comparison
carried_by threads
click 200 56
wait_for 60 written '*-2.jpg' "$count"
sleep 1
carried_by cores
click 200 56
wait_for 60 written '*-3.jpg' "$count"
sleep 1
shot "$shots/8-comparison.png"
ok 'threads and cores ran on the same pictures'

# --- the timeline, which is opened: spans in the colours of decoding, dark or light, between the preview and the strip at the bottom
key ctrl+t
sleep 1
shot "$shots/9-timeline.png"
decoding() { echo $(($(coloured "$1" 1280x420+0+240 '#B38CFF') + $(coloured "$1" 1280x420+0+240 '#7A4FD6'))); }
spans=$(decoding "$shots/9-timeline.png")
[ "$spans" -gt 300 ] || fail "the timeline shows only $spans points of decoding"
key ctrl+t
sleep 1
shot "$shots/10-no-timeline.png"
[ "$(decoding "$shots/10-no-timeline.png")" -lt $((spans / 4)) ] || fail 'the timeline does not go away'
key ctrl+t
sleep 1
wait_for 60 settled
before=$(ticks)
sleep 5
used=$(($(ticks) - before))
[ "$used" -le 2 ] || fail "an idle window with a timeline used $used ticks in 5 s"
ok "the timeline of a run stays ($spans points of decoding) and costs $used processor ticks in 5 s"

# --- the lab: opened, measured in the window, left again
key ctrl+l
sleep 1
shot "$shots/11-lab.png"
key Escape
sleep 1

# --- a second start hands its folder over
more="$stage/more/Oma"
mkdir -p "$more"
cp "$root/assets/samples/studies/dandelion.jpg" "$more/"
"$program" --reuse-window "$more"
[ "$(xdotool search --onlyvisible --name '^Lightloom$' | wc -l)" -eq 1 ] || fail 'a second window opened'
sleep 2
shot "$shots/12-added.png"
click 200 56
wait_for 60 test -f "$stage/more/lightloom/Oma/dandelion.jpg"
ok 'a second start adds its folder to the window that is open'

end
