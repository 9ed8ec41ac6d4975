# A share whose server dies in the middle of a run: its pictures fail with a reason, the others are finished.
. "$(dirname "$0")/lib.sh"

pictures "$stage/behind" 200 64
pictures "$stage/local" 200 64
mount_share --read-rate=12M
"$program" process "$share" "$stage/local" --out "$stage/out" --format png --io-threads 4 --json \
    >"$stage/report" 2>"$stage/said" &
runner=$!
children=("$runner")
within 30 at_least "$stage/out" 20 || fail 'the run does not begin'
kill -9 "$server"
ends 1
at_least "$stage/out/local" 200 || fail 'local pictures are missing'
says 'not connected\|aborted'
echo "$(total failed) pictures of the share failed, all local ones are there"
