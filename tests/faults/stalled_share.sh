# A share that stops answering in the middle of a run: local pictures are finished, the share is named, and its pictures
# are finished once it answers again. A second run is given up by time, a third is ended by TERM within a second or two.
. "$(dirname "$0")/lib.sh"

pictures "$stage/behind" 150 64
pictures "$stage/local" 150 64
mount_share --read-rate=12M

# run NAME ARGUMENTS…: the results of $stage/local have names of their own, since both folders keep their trees.
run() {
    "$program" process "$share" "$stage/local" --out "$stage/$1" --format png --io-threads 4 "${@:2}" --json \
        >"$stage/report" 2>"$stage/said" &
    runner=$!
    children=("$runner")
    within 30 at_least "$stage/$1" 20 || fail "$1: the run does not begin"
    kill -STOP "$server"
}

executors="hybrid async"
if [ -n "${FULL:-}" ]; then executors='hybrid async cores threads sequential processes'; fi
for executor in $executors; do
    run "$executor" --executor "$executor"
    within 60 at_least "$stage/$executor/local" 150 || fail "$executor: local pictures wait for the share"
    is_said "^trouble: $share does not answer" || fail "$executor: the share is not named"
    at_least "$stage/$executor/share" 150 && fail "$executor: the share was not stopped in time to test anything"
    kill -CONT "$server"
    ends 0
    at_least "$stage/$executor/share" 150 || fail "$executor: pictures of the share are missing"
done

run given-up --give-up-after 3
# A request that the server had taken before it was stopped keeps the dead process in the system.
within 60 grep -q '"totals"' "$stage/report" || fail 'what does not answer is not given up'
kill -CONT "$server"
ends 1
at_least "$stage/given-up/local" 150 || fail 'local pictures were given up'
says 'did not answer for .* given up'

run ended
within 20 is_said '^trouble' || fail 'the share is not named'
begun=$(date +%s%N)
kill -TERM "$runner"
within 10 grep -q '"totals"' "$stage/report" || fail 'TERM does not end the run'
took_ms=$((($(date +%s%N) - begun) / 1000000))
kill -CONT "$server"
ends 1
echo "ended by TERM in $took_ms ms"
