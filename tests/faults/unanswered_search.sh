#!/bin/bash
# A folder that does not answer before a run is named, and the search goes on once it answers.
LIGHTLOOM=${LIGHTLOOM:-lightloom}
. "$(dirname "$0")/trouble.bash"

pictures "$work/behind/deep" 5
mount_share
kill -STOP "$server"
"$LIGHTLOOM" process "$share" --out "$work/out" --format png >"$work/out.txt" 2>"$work/err" &
program=$!
wait_until 20 grep -sq "trouble: $share does not answer" "$work/err" || fail "the folder is not named"
kill -CONT "$server"
wait "$program" || fail "exit code $?"
at_least 5 "$work/out" || fail "results are missing"
echo "the folder was named, and searched later"
