# A disk that is full, of bytes or of files, pauses a run, which goes on by itself when there is room: no picture is lost.
# TERM ends a run that waits, and nothing is left behind.
. "$(dirname "$0")/lib.sh"

pictures "$stage/in" 100 64
small=$stage/small
try_mount -t tmpfs -o size=2m,nr_inodes=200 tmpfs "$small"
run() {
    rm -rf "$small/out" "$stage/said"
    "$program" process "$stage/in" --out "$small/out" --format bmp >"$stage/report" 2>"$stage/said" &
    runner=$!
    children=("$runner")
}
all_there() {
    [ "$(find "$small/out" -name '*.bmp' | wc -l)" = 100 ] || fail 'results are missing'
}

head -c 1500000 /dev/zero >"$small/ballast"
run
within 30 is_said '^trouble: .*no .*space' || fail 'the full disk is not said'
sleep 1
kill -0 "$runner" || fail 'the run has ended'
rm "$small/ballast"
ends 0
all_there
is_said '^over after' || fail 'the end of the trouble is not said'

rm -rf "$small/out"
for ((n = 0; n < 150; n++)); do : >"$small/file$n"; done
run
within 30 is_said '^trouble: .*no more files' || fail 'that no files can be made is not said'
rm "$small"/file*
ends 0
all_there

rm -rf "$small/out"
head -c 2000000 /dev/zero >"$small/ballast" 2>/dev/null || true
run
within 30 is_said '^trouble' || fail 'the full disk is not said'
kill -TERM "$runner"
ends 1
no_temporaries "$small/out"
echo 'paused and went on; ended by TERM'
