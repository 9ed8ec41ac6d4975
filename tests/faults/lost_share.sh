#!/bin/bash
# A share whose server dies in the middle of a run: its pictures fail with a reason, the others are finished.
LIGHTLOOM=${LIGHTLOOM:-lightloom}
. "$(dirname "$0")/trouble.bash"

pictures "$work/behind" 200
pictures "$work/local" 200
mount_share --read-rate=12M
"$LIGHTLOOM" process "$share" "$work/local" --out "$work/out" --format png --io-threads 4 \
    >"$work/out.txt" 2>"$work/err" &
program=$!
wait_until 30 at_least 20 "$work/out" || fail "the run does not begin"
kill -9 "$server"
wait "$program"
[ $? = 1 ] || fail "pictures that cannot be read are a failure"
at_least 200 "$work/out/local" || fail "local pictures are missing"
grep -Eq "failed \(read\): .*not connected|failed \(read\): .*aborted" "$work/err" || fail "the reason is not said"
echo "$(grep -c '^failed' "$work/err") pictures of the share failed, all local ones are there"
