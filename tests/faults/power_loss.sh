# The power fails during a run and right after one, on ext4: nothing is torn, and what a finished run reported is there.
. "$(dirname "$0")/lib.sh"
needs_root
needs mkfs.ext4 xfs_io losetup
sources 30
image 256M mkfs.ext4 -q -F
disk=$stage/disk
losses=$([ -n "${FULL:-}" ] && echo 20 || echo 3)
for ((i = 0; i < losses; i++)); do
    try_mount "$loop" "$disk"
    mkdir -p "$disk/fixed"
    sync -f "$disk"
    process "$disk/fixed/done$i" || fail 'a run on the disk'
    "$program" process "$in" --out "$disk/fixed/cut$i" "${recipe[@]}" --simulate-latency 20 >/dev/null 2>&1 &
    victim=$!
    children+=("$victim")
    sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
    xfs_io -x -c shutdown "$disk" >/dev/null 2>&1 || skip 'the file system cannot be shut down'
    wait "$victim" 2>/dev/null || true
    children=()
    umount "$disk"
    try_mount "$loop" "$disk"
    untouched
    complete "$disk/fixed/done$i"
    whole "$disk/fixed/cut$i"
    process "$disk/fixed/cut$i" --conflict changed || fail 'the run after a power failure'
    no_temporaries "$disk/fixed/cut$i"
    complete "$disk/fixed/cut$i"
    rm -rf "$disk/fixed/cut$i" "$disk/fixed/done$i"
    umount "$disk"
done
echo "$losses power failures"
