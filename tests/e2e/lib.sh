# A real window on a virtual display, driven as a person would: shared by the end-to-end test and the screenshots.
# Sourced; needs bash, Xvfb, openbox, xdotool, ImageMagick and the built program in $program.

size=(1280 800)

missing_tools() {
    local tool
    for tool in Xvfb openbox xdotool import identify xprop; do
        command -v "$tool" >/dev/null || printf '%s ' "$tool"
    done
}

skip() {
    echo "skipped: $1"
    if [ "${CI:-}" = true ]; then exit 1; fi
    exit 0
}

fail() {
    echo "$1" >&2
    exit 1
}

ok() {
    passed=$((passed + 1))
    echo "ok $passed - $1"
}

# A test begins: with its tools, and a folder for $shots.
begin() {
    local missing
    missing=$(missing_tools)
    [ -z "$missing" ] || skip "the end-to-end test needs: $missing"
    passed=0
    mkdir -p "$shots"
    shots=$(cd "$shots" && pwd)
}

# A test ends well, unless a thread of the program panicked.
end() {
    if grep -i panicked "$stage/program.log"; then exit 1; fi
    close_window
    echo "$passed passed, 0 failed"
}

# Starts the display, a window manager, and a home of its own for settings.
open_display() {
    stage=$(mktemp -d)
    trap close_display EXIT
    Xvfb -displayfd 9 -screen 0 1600x1000x24 -nolisten tcp 9>"$stage/display" >/dev/null 2>&1 &
    pids=($!)
    wait_for 20 test -s "$stage/display"
    DISPLAY=:$(cat "$stage/display")
    export DISPLAY LIBGL_ALWAYS_SOFTWARE=1
    unset WAYLAND_DISPLAY
    mkdir -p "$stage/home"
    export HOME="$stage/home" XDG_DATA_HOME="$stage/home/data" XDG_CONFIG_HOME="$stage/home/config"
    export XDG_CACHE_HOME="$stage/home/cache" XDG_STATE_HOME="$stage/home/state" XDG_RUNTIME_DIR="$stage/home"
    openbox >/dev/null 2>&1 &
    pids+=($!)
    wait_for 20 sh -c 'xprop -root _NET_SUPPORTING_WM_CHECK | grep -q window'
}

close_display() {
    local status=$?
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
    rm -rf "$stage"
    exit "$status"
}

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "$SECONDS" -gt "$end" ]; then
            printf 'timed out waiting for: %s\n' "$*" >&2
            return 1
        fi
        sleep 0.1
    done
}

visible() { xdotool search --onlyvisible --name "$1" >/dev/null 2>&1; }

# open_window ARGUMENTS…: starts the program and gives its window the usual size.
open_window() {
    "$program" "$@" >"$stage/program.log" 2>&1 &
    program_pid=$!
    pids+=("$program_pid")
    wait_for 30 visible '^Lightloom$'
    window=$(xdotool search --onlyvisible --name '^Lightloom$' | tail -1)
    xdotool windowsize --sync "$window" "${size[@]}"
    xdotool windowmove "$window" 40 60
    sleep 1
}

close_window() {
    kill "$program_pid" 2>/dev/null || true
    wait "$program_pid" 2>/dev/null || true
}

# click X Y: at a place in the window.
click() {
    xdotool mousemove --window "$window" "$1" "$2"
    sleep 0.3
    xdotool click 1
    sleep 0.5
}

# add_filter GROUP ID: chooses a filter from the menu with the mouse, where the list of filters says that it stands.
add_filter() {
    local group entry
    read -r group entry < <("$program" filters | awk -v group="$1" -v id="$2" '
        /^[^ ]/ { groups++; entries = 0; here = $0 == group }
        /^  [^ ]/ { if (here && $1 == id) print groups - 1, entries; entries++ }')
    click 129 16
    click 160 $((86 + 28 * group))
    if [ -n "${3:-}" ]; then shot "$3"; fi
    click 400 $((86 + 28 * (group + entry)))
}

# carried_by EXECUTOR: chooses who does the work, at the right end of the strip at the bottom.
carried_by() {
    local right
    case $1 in
    threads) right=151 ;;
    cores) right=89 ;;
    both) right=35 ;;
    esac
    click $((size[0] - right)) $((size[1] - 16))
}

# command_named WORDS: does what the command of this name does, by the finder.
command_named() {
    key ctrl+k
    sleep 1
    xdotool type --window "$window" "$1"
    sleep 0.5
    key Return
    sleep 0.5
}

key() {
    xdotool key --window "$window" "$1"
    sleep 0.3
}

# shot FILE: a picture of the window.
shot() {
    import -window "$window" "$1"
}

# coloured FILE GEOMETRY COLOUR: how many pixels of a part of a picture have exactly this colour.
coloured() {
    local magick
    magick=$(command -v convert-im6.q16 || command -v magick || command -v convert)
    "$magick" "$1" -crop "$2" +repage -fill black +opaque "$3" -fill white -opaque "$3" -format '%[fx:round(mean*w*h)]' info:
}

# Whether the program did nothing for a second.
settled() {
    local before
    before=$(ticks)
    sleep 1
    [ $(($(ticks) - before)) -le 1 ]
}

# processor ticks that the program has used
ticks() { awk '{print $14 + $15}' "/proc/$program_pid/stat"; }
