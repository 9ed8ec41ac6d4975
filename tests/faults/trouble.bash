# What the scripts about troubles have in common: pictures, perhaps behind a FUSE file system whose server can be stopped,
# and a folder that is removed at the end. Sourced after LIGHTLOOM, the program, is known.

# need TOOL…: skips the script where one is missing.
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
    done
}
need python3

work=$(mktemp -d)
share=$work/share
server=
clean_up() {
    [ -n "$server" ] && kill -CONT "$server" 2>/dev/null
    [ -n "$server" ] && kill -9 "$server" 2>/dev/null
    fusermount3 -uz "$share" 2>/dev/null || umount -l "$share" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT

fail() {
    echo "FAILED: $*"
    cat "$work/err" 2>/dev/null
    exit 1
}

# pictures FOLDER COUNT: that many small PPM files, each different.
pictures() {
    python3 - "$1" "$2" <<'PYTHON'
import os, sys
folder, count = sys.argv[1], int(sys.argv[2])
os.makedirs(folder, exist_ok=True)
for n in range(count):
    with open(f"{folder}/{n:03}.ppm", "wb") as file:
        file.write(b"P6 64 64 255\n" + bytes((n + i) % 256 for i in range(64 * 64 * 3)))
PYTHON
}

# Mounts $work/behind at $share without caches, so that each read asks the server.
mount_share() {
    need bindfs fusermount3
    [ -e /dev/fuse ] || { echo "skipped: there is no /dev/fuse"; exit 77; }
    mkdir -p "$work/behind" "$share"
    bindfs -f -o attr_timeout=0,entry_timeout=0,direct_io "$@" "$work/behind" "$share" &
    server=$!
    for _ in $(seq 100); do
        mountpoint -q "$share" && return
        sleep 0.05
    done
    echo "skipped: bindfs cannot mount here"
    exit 77
}

# wait_until SECONDS COMMAND…: until it succeeds.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# at_least COUNT FOLDER: whether so many results are in it.
at_least() {
    [ "$(find "$2" -name '*.png' 2>/dev/null | wc -l)" -ge "$1" ]
}
