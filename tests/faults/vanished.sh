# The output folder is deleted or replaced, or its disk unmounted, in the middle of a run: the rest fails with the reason,
# nothing is written elsewhere, and what is reported as done is there.
. "$(dirname "$0")/lib.sh"
sources 40

# begin FOLDER: a run that takes two seconds.
begin() {
    "$program" process "$in" --out "$1" "${recipe[@]}" --simulate-latency 100 --io-threads 2 --json \
        >"$stage/report" 2>"$stage/said" &
    runner=$!
    children+=("$runner")
    wait_until at_least "$1" 5
}

# ends_in_part: with pictures that failed.
ends_in_part() {
    ends 1
    [ "$(($(total done) + $(total failed)))" = 40 ] || fail 'not every picture is accounted for'
    untouched
}

out=$stage/out
begin "$out"
rm -rf "$out" 2>/dev/null || rm -rf "$out"
ends_in_part
says 'no longer'
[ "$(total done)" = "$(count "$out" 2>/dev/null)" ] || fail "deleted: $(total done) done, $(count "$out") there"

begin "$out/deep"
mv "$out" "$stage/elsewhere"
mkdir -p "$out/deep"
ends_in_part
expect done=0 failed=40
says 'no longer the one that the run began with'
[ "$(count "$out")" = 0 ] || fail 'another folder got results'
no_temporaries "$stage/elsewhere"
rm -rf "$out" "$stage/elsewhere"

[ "$(id -u)" = 0 ] || { echo 'not with a disk: needs root'; exit 0; }
disk=$stage/disk
try_mount -t tmpfs tmpfs "$disk"
begin "$disk/out"
umount -l "$disk"
mounted=()
ends_in_part
expect done=0 failed=40
empty "$disk" || fail 'results went to the disk below'

# A disk that is in use cannot be unmounted by mistake.
try_mount -t tmpfs tmpfs "$disk"
begin "$disk/out"
umount "$disk" 2>/dev/null && fail 'it could be unmounted'
wait "$runner" || fail 'the run'
children=()
complete "$disk/out"
