# A run that stands still for long keeps its temporary files while another writes into the same folder, with locks and
# without; what a dead run left is removed, with locks and without.
. "$(dirname "$0")/lib.sh"
needs strace
sources 3
out=$stage/out

has_temporary() {
    [ -n "$(find "$out" -name '.lightloom-*.tmp' 2>/dev/null)" ]
}

for lock in 'delay_exit=1' error=EOPNOTSUPP; do
    with=(strace -f -qq -o /dev/null -e trace=flock,fsync -e "inject=flock:$lock")
    rm -rf "$out"
    cp "$stage/report" "$stage/report.before"
    "${with[@]}" -e inject=fsync:delay_enter=4000000:when=1 "$program" process "$in" --out "$out" "${recipe[@]}" \
        --executor sequential --json >"$stage/slow" 2>&1 &
    runner=$!
    children+=("$runner")
    wait_until has_temporary
    sleep 0.2
    find "$out" -name '.lightloom-*.tmp' -exec touch -d '2 hours ago' {} +
    under "${with[@]}" -- "$out" || fail "another run meanwhile ($lock)"
    expect done=3
    wait "$runner" || fail "the slow run ($lock): $(cat "$stage/slow")"
    children=()
    no_temporaries "$out"
    [ "$(count "$out")" = 6 ] || fail "$(count "$out") results of two runs"

    rm -rf "$out"
    under "${with[@]}" -e inject=fsync:signal=SIGKILL:when=1 -- "$out" || true
    has_temporary || fail 'it was killed too late'
    under "${with[@]}" -- "$out" || fail "the run after a kill ($lock)"
    no_temporaries "$out"
    complete "$out"
done
untouched
