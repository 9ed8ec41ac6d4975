# Killed (-9) at random moments, again and again, a run that is resumed comes to the bytes of an undisturbed run: no picture
# is lost, none is processed to a second name, and the journal accounts for each source exactly once.
. "$(dirname "$0")/lib.sh"

sources 40
rounds=$([ -n "${FULL:-}" ] && echo 50 || echo 6)
kills=0
for ((i = 0; i < rounds; i++)); do
    rm -rf "$stage/out" "$XDG_STATE_HOME"
    "$program" process "$in" --out "$stage/out" "${recipe[@]}" --simulate-latency 15 >/dev/null 2>&1 &
    victim=$!
    for ((part = 0; part < 3; part++)); do
        children=("$victim")
        sleep "0.$((RANDOM % 2))$((RANDOM % 10))"
        if kill -9 "$victim" 2>/dev/null; then kills=$((kills + 1)); fi
        wait "$victim" 2>/dev/null || true
        untouched
        whole "$stage/out"
        "$program" resume --simulate-latency 15 >/dev/null 2>"$stage/said" &
        victim=$!
    done
    wait "$victim" || true
    children=()
    # Killed before its plan was written, a run has nothing to go on with.
    "$program" resume last --json >"$stage/report" 2>"$stage/said" || process "$stage/out" || fail 'the run after a kill'
    complete "$stage/out"
    no_temporaries "$stage/out"
    untouched
    [ "$("$program" runs last --csv | tail -n +2 | grep -c ',done,')" = 40 ] || fail 'the journal does not account for each source once'
    "$program" verify last >"$stage/said" 2>&1 || fail 'a result is not what the journal says'
done
"$program" undo last --delete >/dev/null 2>"$stage/said" || fail 'the run cannot be undone'
[ ! -e "$stage/out" ] || fail "something is left: $(find "$stage/out" | head -n 3)"
echo "$kills kills in $rounds runs"
