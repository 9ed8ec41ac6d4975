#!/bin/bash
# A share that stops answering in the middle of a run: local pictures are finished, the share is named, and its pictures
# are finished once it answers again. A second run is given up by time, a third is ended by TERM within a second or two.
LIGHTLOOM=${LIGHTLOOM:-lightloom}
. "$(dirname "$0")/trouble.bash"

pictures "$work/behind" 150
pictures "$work/local" 150
mount_share --read-rate=12M

# The results of $work/local have names of their own, since both folders keep their trees.
run() {
    rm -f "$work/err"
    "$LIGHTLOOM" process "$share" "$work/local" --out "$work/$1" --format png --io-threads 4 "${@:2}" \
        >"$work/$1.txt" 2>"$work/err" &
    program=$!
}

executors=hybrid
if [ -n "${FULL:-}" ]; then executors='hybrid cores threads sequential processes'; fi
for executor in $executors; do
    run "$executor" --executor "$executor"
    wait_until 30 at_least 20 "$work/$executor" || fail "$executor does not begin"
    kill -STOP "$server"
    wait_until 60 at_least 150 "$work/$executor/local" || fail "$executor: local pictures wait for the share"
    grep -sq "trouble: $share does not answer" "$work/err" || fail "$executor: the share is not named"
    at_least 150 "$work/$executor/share" && fail "$executor: the share was not stopped in time to test anything"
    kill -CONT "$server"
    wait "$program" || fail "$executor: exit code $?"
    at_least 150 "$work/$executor/share" || fail "$executor: pictures of the share are missing"
    echo "$executor: $(grep -c '^trouble' "$work/err") lines of trouble, $(cat "$work/$executor.txt" | head -1)"
done

run given-up --give-up-after 3
wait_until 30 at_least 20 "$work/given-up" || fail "the run does not begin"
kill -STOP "$server"
# A request that the server had taken before it was stopped keeps the dead process in the system.
wait_until 60 grep -sq " failed" "$work/given-up.txt" || fail "what does not answer is not given up"
kill -CONT "$server"
wait "$program" && fail "pictures that were given up are no failure"
at_least 150 "$work/given-up/local" || fail "local pictures were given up"
grep -q "did not answer for .* given up" "$work/err" || fail "the reason is not said"

run ended
wait_until 30 at_least 20 "$work/ended" || fail "the run does not begin"
kill -STOP "$server"
wait_until 20 grep -sq "^trouble" "$work/err" || fail "the share is not named"
begun=$(date +%s%N)
kill -TERM "$program"
wait_until 10 grep -sq "not done" "$work/ended.txt" || fail "TERM does not end the run"
echo "ended by TERM in $((($(date +%s%N) - begun) / 1000000)) ms"
# A request that the server had taken before it was stopped keeps the dead process in the system.
kill -CONT "$server"
wait "$program" || true
