# Killed (-9) at random moments and at every relevant system call: nothing is torn, no original is changed, and the next
# run removes what was left and completes to the bytes of an undisturbed run.
. "$(dirname "$0")/lib.sh"

after() {
    untouched
    whole "$1"
    process "$1" --conflict changed || fail "the run after a kill ($2)"
    no_temporaries "$1"
    complete "$1"
    untouched
    rm -rf "$1"
}

sources 20
moments=$([ -n "${FULL:-}" ] && echo 50 || echo 8)
killed=0
slow=(--simulate-latency 20)
begun=$(date +%s%N)
process "$stage/out" "${slow[@]}"
took_ms=$((($(date +%s%N) - begun) / 1000000))
rm -rf "$stage/out"
for ((i = 0; killed < moments && i < 10 * moments; i++)); do
    "$program" process "$in" --out "$stage/out" "${recipe[@]}" "${slow[@]}" >/dev/null 2>&1 &
    victim=$!
    children+=("$victim")
    sleep "$(printf '0.%03d' $((RANDOM % took_ms % 1000)))"
    if kill -9 "$victim" 2>/dev/null; then killed=$((killed + 1)); fi
    wait "$victim" 2>/dev/null || true
    children=()
    mkdir -p "$stage/out"
    after "$stage/out" "moment $i"
done
[ "$killed" = "$moments" ] || fail "only $killed of $moments runs could be killed"

points=0
if command -v strace >/dev/null; then
    sources 2
    calls=openat,read,write,close,flock,fsync,fdatasync,ftruncate,rename,renameat,renameat2,linkat,unlink,unlinkat,mkdir,mkdirat
    calls+=,utimensat,fchmod
    # On one thread, whose calls are counted; those of the start of the program make no difference.
    step=$([ -n "${FULL:-}" ] && echo 1 || echo 4)
    for ((n = 1 + RANDOM % step; n < 500; n += step)); do
        status=0
        under strace -f -qq -o /dev/null -e trace="$calls" -e "inject=$calls:signal=SIGKILL:when=$n" -- \
            "$stage/out" --executor sequential --conflict changed || status=$?
        [ "$status" != 0 ] || break
        points=$((points + 1))
        mkdir -p "$stage/out"
        after "$stage/out" "call $n"
    done
    [ "$points" -gt 5 ] || fail "only $points system calls"
else
    echo 'not at system calls: needs strace'
fi
echo "$killed moments, $points system calls"
