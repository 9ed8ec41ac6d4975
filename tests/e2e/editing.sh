#!/usr/bin/env bash
# A recipe is put together and changed with mouse and keyboard in a real window, a run is paused, stopped and repaired,
# and everything is there again in the next window.
#
# usage: editing.sh PROGRAM [FOLDER-FOR-SCREENSHOTS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$(readlink -f "${1:?usage: editing.sh PROGRAM [FOLDER]}")
shots=${2:-$root/target/e2e}
# shellcheck source=lib.sh
. "$here/lib.sh"
begin
open_display

# find_filter NAME: adds the filter that is found first.
find_filter() {
    key ctrl+f
    sleep 1
    xdotool type --window "$window" "$1"
    sleep 0.5
    key Return
    sleep 1
}

# drag X Y TO_X TO_Y: with the mouse, in steps as a hand does.
drag() {
    xdotool mousemove --window "$window" "$1" "$2"
    sleep 0.3
    xdotool mousedown 1
    sleep 0.2
    for i in 1 2 3 4 5 6 7 8; do
        xdotool mousemove --window "$window" $(($1 + ($3 - $1) * i / 8)) $(($2 + ($4 - $2) * i / 8))
        sleep 0.05
    done
    sleep 0.2
    xdotool mouseup 1
    sleep 0.5
}

# tint FILE [GEOMETRY]: red minus blue of the mean colour, in per cent.
tint() {
    local magick
    magick=$(command -v convert-im6.q16 || command -v magick || command -v convert)
    "$magick" "$1" ${2:+-crop "$2" +repage} -colorspace sRGB -resize '1x1!' -format '%[fx:round(100*(r-b))]' info:
}

# picture: the tint of what the preview shows.
picture() {
    wait_for 60 settled
    shot "$shots/$1.png"
    tint "$shots/$1.png" 600x400+344+200
}

folder="$stage/pictures/garden"
results="$stage/pictures/lightloom/garden"
mkdir -p "$folder"
cp "$root/assets/samples/journey/garden-path.jpg" "$folder/a.jpg"
echo 'no picture' >"$folder/b.jpg"
open_window "$folder"
sleep 2

# --- filters by name, and their order by the mouse
find_filter sepia
find_filter invert
before=$(picture 20-sepia-inverted)
drag 1020 262 1020 178
after=$(picture 21-inverted-sepia)
[ "$before" -lt -5 ] && [ "$after" -gt 5 ] || fail "the tint is $before, then $after"
key ctrl+z
[ "$(picture 22-undone)" -eq "$before" ] || fail 'the order is not taken back'
key ctrl+shift+z
[ "$(picture 23-done-again)" -eq "$after" ] || fail 'the order is not changed again'
ok "filters found by typing are moved with the mouse; the tint goes from $before to $after %"

# --- before and after, with a line between them that follows the mouse
click 384 748 # Split
left=$(picture 24-split)
drag 644 600 930 600
moved=$(picture 25-split-moved)
[ "$left" -lt "$after" ] && [ "$moved" -lt "$left" ] || fail "the tint is $left, then $moved"
click 520 748 # After
ok "the line of the split is dragged: the tint is $left, then $moved %"

# --- a crop on the picture: its lower right corner, then its middle
find_filter crop
key o
wait_for 60 settled
drag 904 664 731 491
shot "$shots/26-crop.png"
drag 500 300 414 300
shot "$shots/27-crop-moved.png"
key Return
wait_for 60 settled
shot "$shots/28-cropped.png"
key ctrl+Return
wait_for 60 test -f "$results/a.jpg"
cropped=$(identify -format '%wx%h' "$results/a.jpg")
[[ $cropped =~ ^(79[0-9]|80[0-9])x(79[0-9]|80[0-9])$ ]] || fail "the crop is $cropped"
ok "a crop is dragged on the picture to $cropped"

# --- what failed is done again once its cause is gone
wait_for 30 settled
shot "$shots/29-failed.png"
[ ! -e "$results/b.jpg" ] || fail 'a text became a picture'
cp "$folder/a.jpg" "$folder/b.jpg"
key ctrl+r
wait_for 60 test -f "$results/b.jpg"
[ "$(find "$results" -name '*.jpg' | wc -l)" -eq 2 ] || fail 'more was done again than what had failed'
cmp -s "$results/a.jpg" "$results/b.jpg" || fail 'what was done again is not like the others'
ok 'what failed is done again, and nothing else'

# --- a run is paused, goes on, and is stopped
for i in $(seq 40); do cp "$root/assets/samples/journey/red-sky.jpg" "$stage/pictures/$i.jpg"; done
"$program" --reuse-window "$stage"/pictures/*.jpg
sleep 2
find_filter 'non-local'
written() { find "$stage/pictures/lightloom" -name '*.jpg' | wc -l; }
key ctrl+Return
before=$(written)
more_than() { [ "$(written)" -gt "$1" ]; }
wait_for 60 more_than "$before"
key space
wait_for 120 settled
paused=$(written)
sleep 2
shot "$shots/30-paused.png"
[ "$(written)" -eq "$paused" ] || fail 'a paused run writes results'
key space
wait_for 60 more_than "$paused"
key Escape
sleep 0.5
shot "$shots/31-stop.png"
key Return
wait_for 120 settled
stopped=$(written)
shot "$shots/32-stopped.png"
[ "$stopped" -lt $((before + 40)) ] || fail 'the run was not stopped'
[ -z "$(find "$stage/pictures" -name '*.tmp')" ] || fail 'a temporary file stays'
ok "a run is paused after $((paused - before)) results, goes on, and is stopped after $((stopped - before))"

# --- the next window has the recipe and the window of the last one
key ctrl+q
gone() { ! kill -0 "$program_pid" 2>/dev/null; }
wait_for 20 gone
rm -rf "$stage/pictures/lightloom"
open_window "$folder"
sleep 2
wait_for 60 settled
shot "$shots/33-again.png"
key ctrl+Return
wait_for 60 test -f "$results/a.jpg"
again=$(identify -format '%wx%h' "$results/a.jpg")
[ "$again" = "$cropped" ] || fail "the crop is $again, and was $cropped"
[ "$(tint "$results/a.jpg")" -gt 5 ] || fail 'the order of the filters is not the last one'
ok 'the next window has the recipe of the last one'

end
