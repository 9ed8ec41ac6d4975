# What the scripts of this folder share: a place of their own that is cleaned up, sources, and what is asserted of
# every run. Sourced; expects the program in $LIGHTLOOM or as the first argument.
#
# A script ends with 0 if the program is right, 77 if something is missing (its last line says what), else another code.
# FULL=1 asks for the long form.
set -euo pipefail

program=$(realpath "${LIGHTLOOM:-${1:?usage: $0 PROGRAM}}")
stage=$(mktemp -d)
# The program's own files: settings, journals.
export HOME=$stage/home XDG_STATE_HOME=$stage/state XDG_CONFIG_HOME=$stage/home/config XDG_DATA_HOME=$stage/home/data
mounted=()
loops=()
children=()
servers=()

# What else a script has to clean up.
leave() { :; }

clean_up() {
    local status=$? i
    local ours=("${children[@]}" "${servers[@]}")
    if [ "${#ours[@]}" -gt 0 ]; then kill -CONT "${ours[@]}" 2>/dev/null || true; kill -9 "${ours[@]}" 2>/dev/null || true; fi
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do
        umount -l "${mounted[i]}" 2>/dev/null || fusermount3 -uz "${mounted[i]}" 2>/dev/null || true
    done
    for loop in "${loops[@]}"; do losetup -d "$loop" 2>/dev/null || true; done
    leave
    chattr -R -i "$stage" 2>/dev/null || true
    rm -rf "$stage"
    exit "$status"
}
trap clean_up EXIT

skip() {
    echo "skipped: $1"
    exit 77
}

fail() {
    echo "wrong: $1"
    if [ -s "$stage/said" ]; then tail -n 5 "$stage/said"; fi
    exit 1
}

needs() {
    local tool
    for tool in "$@"; do command -v "$tool" >/dev/null || skip "needs $tool"; done
}

needs_root() {
    [ "$(id -u)" = 0 ] || skip 'needs root'
}

# try_mount ARGUMENTS… FOLDER: mounts, or skips where that is not allowed.
try_mount() {
    local folder=${*: -1}
    mkdir -p "$folder"
    mount "$@" 2>"$stage/mount" || skip "cannot mount: $(tail -n 1 "$stage/mount")"
    mounted+=("$folder")
}

# image SIZE MKFS…: makes an image, $image, and its loop device, $loop.
image() {
    image=$stage/image
    truncate -s "$1" "$image"
    loop=$(losetup -f --show "$image" 2>/dev/null) || skip 'there is no loop device'
    loops+=("$loop")
    "${@:2}" "$loop" >/dev/null 2>&1 || skip "cannot run $2"
}

# mount_share ARGUMENTS…: shows $stage/behind at $share, without caches, so that each access asks $server, which can be
# stopped.
mount_share() {
    needs bindfs fusermount3
    [ -e /dev/fuse ] || skip 'there is no /dev/fuse'
    share=$stage/share
    mkdir -p "$stage/behind" "$share"
    bindfs -f -o attr_timeout=0,entry_timeout=0,direct_io "$@" "$stage/behind" "$share" &
    server=$!
    servers+=("$server")
    mounted+=("$share")
    within 5 mountpoint -q "$share" || skip 'bindfs cannot mount here'
}

# pictures FOLDER COUNT [SIDE]: as many pictures of noise.
pictures() {
    local i side=${3:-48}
    mkdir -p "$1"
    for ((i = 0; i < $2; i++)); do
        { printf 'P6 %d %d 255\n' "$side" "$side"; head -c $((side * side * 3)) /dev/urandom; } >"$1/$(printf 'p%04d.ppm' "$i")"
    done
}

# sources COUNT [SIDE]: pictures of noise in $in, and what they look like in $wanted after an undisturbed run.
sources() {
    in=$stage/in
    wanted=$stage/wanted
    rm -rf "$in" "$wanted"
    pictures "$in" "$@"
    (cd "$in" && sha256sum -- *) >"$stage/originals"
    process "$wanted" || fail 'an undisturbed run'
}

recipe=(--filter invert --format png)

# process FOLDER [ARGUMENTS…]: a run, with its report in $stage/report and what it said in $stage/said.
process() {
    "$program" process "$in" --out "$1" "${recipe[@]}" "${@:2}" --json >"$stage/report" 2>"$stage/said"
}

# under COMMAND… -- FOLDER [ARGUMENTS…]: the same under another command.
under() {
    local with=()
    while [ "$1" != -- ]; do with+=("$1"); shift; done
    "${with[@]}" "$program" process "$in" --out "$2" "${recipe[@]}" "${@:3}" --json >"$stage/report" 2>"$stage/said"
}

# total KEY: a sum of the report.
total() {
    sed -n "s/.*\"totals\":{[^}]*\"$1\":\([0-9]*\).*/\1/p" "$stage/report"
}

# expect KEY COUNT…: the sums must be these.
expect() {
    local pair
    for pair in "$@"; do
        [ "$(total "${pair%=*}")" = "${pair#*=}" ] || fail "expected $pair: $(grep -o '"totals":{[^}]*' "$stage/report")"
    done
}

says() {
    grep -qi -- "$1" "$stage/report" "$stage/said" || fail "nothing is said of '$1'"
}

untouched() {
    (cd "$in" && sha256sum --quiet --status -c "$stage/originals") || fail 'an original was changed'
}

# whole FOLDER: what is there is what an undisturbed run gives, temporary files aside.
whole() {
    local file
    for file in "$1"/*; do
        [ -e "$file" ] || continue
        cmp -s "$file" "$wanted/$(basename "$file")" || fail "$file is torn, or not one of the results"
    done
}

no_temporaries() {
    [ -z "$(find "$1" -name '.lightloom-*.tmp' 2>/dev/null)" ] || fail "a temporary file stays: $(find "$1" -name '.lightloom-*.tmp')"
}

# complete FOLDER: all that an undisturbed run gives, and nothing else.
complete() {
    diff -rq -x .lightloom-runs "$wanted" "$1" >"$stage/diff" || fail "another result than that of an undisturbed run: $(head -n 3 "$stage/diff")"
}

count() {
    find "$1" -name '*.png' 2>/dev/null | wc -l
}

# within SECONDS COMMAND…: until it succeeds.
within() {
    local i
    for ((i = 0; i < $1 * 20; i++)); do
        if "${@:2}" >/dev/null 2>&1; then return; fi
        sleep 0.05
    done
    return 1
}

# wait_until COMMAND…: for ten seconds.
wait_until() {
    within 10 "$@" || fail "waited in vain: $*"
}

# is_said TEXT: whether the run under way has said it so far.
is_said() {
    grep -qE -- "$1" "$stage/said"
}

# ends STATUS: the run under way, $runner, with this exit code.
ends() {
    local status=0
    wait "$runner" || status=$?
    children=()
    [ "$status" = "$1" ] || fail "it ended with $status"
}

# empty FOLDER: nothing is in it, the pointer to journals aside.
empty() {
    [ -z "$(find "$1" -mindepth 1 ! -name .lightloom-runs -print -quit)" ]
}

at_least() {
    [ "$(count "$1")" -ge "$2" ]
}
