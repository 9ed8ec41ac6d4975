#!/bin/bash
# A disk that is full, of bytes or of files, pauses a run, which goes on by itself when there is room: no picture is lost.
# TERM ends a run that waits, and nothing is left behind.
LIGHTLOOM=${LIGHTLOOM:-lightloom}
. "$(dirname "$0")/trouble.bash"

pictures "$work/in" 100
mkdir "$work/small"
mount -t tmpfs -o size=2m,nr_inodes=200 tmpfs "$work/small" || { echo "skipped: nothing can be mounted"; exit 77; }
trap 'umount -l "$work/small"; clean_up' EXIT
results() { [ "$(find "$work/small/out" -name '*.bmp' | wc -l)" = "$1" ]; }
fresh() { rm -rf "$work/small/out"; }
run() {
    rm -f "$work/err"
    "$LIGHTLOOM" process "$work/in" --out "$work/small/out" --format bmp "$@" >"$work/out.txt" 2>"$work/err" &
    program=$!
}

head -c 1500000 /dev/zero >"$work/small/ballast"
run
wait_until 30 grep -sq "^trouble: .*no .*space" "$work/err" || fail "the full disk is not said"
sleep 1
kill -0 "$program" || fail "the run has ended"
rm "$work/small/ballast"
wait "$program" || fail "exit code $?"
results 100 || fail "results are missing"
grep -q "^over after" "$work/err" || fail "the end of the trouble is not said"

fresh
for n in $(seq 150); do : >"$work/small/file$n"; done
run
wait_until 30 grep -sq "^trouble: .*no more files" "$work/err" || fail "that no files can be made is not said"
rm "$work"/small/file*
wait "$program" || fail "exit code $?"
results 100 || fail "results are missing"

fresh
head -c 2000000 /dev/zero >"$work/small/ballast" 2>/dev/null
run
wait_until 30 grep -sq "^trouble" "$work/err" || fail "the full disk is not said"
kill -TERM "$program"
wait "$program"
[ $? = 1 ] || fail "a run that was ended has not done everything"
find "$work/small/out" -name '.lightloom-*.tmp' | grep -sq . && fail "temporary files stay"
echo "paused and went on; ended by TERM"
