# No space and no inodes: what finds none and is given up fails with the reason and leaves nothing; a run that finds some
# again loses nothing.
. "$(dirname "$0")/lib.sh"
needs_root
sources 60
disk=$stage/disk

check() {
    [ "$(total done)" -gt 0 ] && [ "$(total failed)" -gt 0 ] || fail "$1: some of them"
    [ "$(total done)" = "$(count "$disk/out")" ] || fail "$1: $(total done) done, $(count "$disk/out") there"
    says 'no space left'
    says 'free some space'
    no_temporaries "$disk"
    whole "$disk/out"
    untouched
    umount "$disk"
    mounted=()
}

try_mount -t tmpfs -o size=200k tmpfs "$disk"
process "$disk/out" --give-up-after 1 || true
check 'a full disk'
try_mount -t tmpfs -o nr_inodes=24 tmpfs "$disk"
process "$disk/out" --give-up-after 1 || true
check 'no inodes'

try_mount -t tmpfs -o size=200k tmpfs "$disk"
sources 20
head -c 150k /dev/zero >"$disk/filler"
"$program" process "$in" --out "$disk/out" "${recipe[@]}" --json >"$stage/report" 2>"$stage/said" &
runner=$!
children+=("$runner")
wait_until at_least "$disk/out" 3
sleep 1
kill -0 "$runner" || fail 'it did not wait for space'
rm "$disk/filler"
wait "$runner" || fail 'the run after there was space'
children=()
expect done=20 failed=0
no_temporaries "$disk"
complete "$disk/out"
