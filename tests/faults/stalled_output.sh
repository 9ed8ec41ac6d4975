# A share for results that stops answering in the middle of a run: it is named, and may be given up. Then the run ends, and
# says of each picture what became of it; once the share answers again the rest is made, to the bytes of an undisturbed run.
. "$(dirname "$0")/lib.sh"

sources 60 64
mount_share
executors=hybrid
if [ -n "${FULL:-}" ]; then executors='hybrid async cores threads sequential processes'; fi
for executor in $executors; do
    out=$share/$executor
    "$program" process "$in" --out "$out" "${recipe[@]}" --executor "$executor" --simulate-latency 40 --io-threads 3 \
        --give-up-after 2 --json >"$stage/report" 2>"$stage/said" &
    runner=$!
    children=("$runner")
    within 30 at_least "$stage/behind/$executor" 5 || fail "$executor: the run does not begin"
    kill -STOP "$server"
    within 20 is_said "^trouble: $out does not take" || fail "$executor: the share is not named"
    # A request that the server had taken before it was stopped keeps the dead process in the system.
    within 30 grep -q '"totals"' "$stage/report" || fail "$executor: the share is not given up"
    kill -CONT "$server"
    ends 1
    says 'did not take results for'
    [ "$(($(total done) + $(total failed)))" = 60 ] || fail "$executor: not every picture is accounted for"
    [ "$(total failed)" -gt 5 ] || fail "$executor: the share was not stopped in time to test anything"
    untouched
    whole "$out"
    "$program" retry last --json >"$stage/report" 2>"$stage/said" || fail "$executor: what failed is not made"
    complete "$out"
    no_temporaries "$out"
done
echo 'given up and made later'
