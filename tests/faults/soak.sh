# Many small pictures in one batch under a limit of address space, stopped and resumed at random moments: each source is
# accounted for exactly once, and a picture more costs no more memory than its record. FULL=1 takes 20,000 of them, and all
# of a collection of test images where LIGHTLOOM_CORPUS names one.
. "$(dirname "$0")/lib.sh"

pictures=$([ -n "${FULL:-}" ] && echo 20000 || echo 1500)
in=$stage/in
mkdir -p "$in"
for ((folder = 0; folder < 50; folder++)); do mkdir -p "$in/$folder"; done
for ((i = 0; i < pictures; i++)); do
    { printf 'P6 16 16 255\n%05d' "$i"; head -c 763 /dev/zero; } >"$in/$((i % 50))/p$i.ppm"
done
all=$pictures
if [ -n "${FULL:-}" ] && [ -d "${LIGHTLOOM_CORPUS:-}" ]; then
    cp -r "$LIGHTLOOM_CORPUS"/{valid,odd,broken} "$in/"
fi
ulimit -v $((3 << 20))
# held FOLDER…: MiB that an undisturbed run holds at most.
held() {
    "$program" process "$@" --out "$stage/held" --filter resize:width=8 --format png --json >"$stage/report" 2>"$stage/said"
    rm -rf "$stage/held"
    echo $(($(total resident_bytes) >> 20))
}
few=$(held "$in"/[0-4])
many=$(held "$in"/[0-9]*)
# 2 KiB for each of nine tenths of them, and some room.
[ "$many" -le $((few + pictures * 9 / 10 / 512 + 64)) ] || fail "a run of a tenth holds $few MiB, and of all $many MiB"
with_peak() {
    "$@" --json >"$stage/report" 2>"$stage/said" &
    victim=$!
    children=("$victim")
}
with_peak "$program" process "$in" --out "$stage/out" --filter resize:width=8 --format png
stops=0
most=$([ -n "${FULL:-}" ] && echo 20 || echo 5)
while [ "$stops" -lt "$most" ]; do
    sleep "0.$((RANDOM % 6 + 2))"
    if ! kill -"$([ $((RANDOM % 2)) = 0 ] && echo TERM || echo KILL)" "$victim" 2>/dev/null; then break; fi
    stops=$((stops + 1))
    wait "$victim" 2>/dev/null || true
    with_peak "$program" resume
done
wait "$victim" || true
children=()
"$program" resume last --json >"$stage/report" 2>"$stage/said" || true
"$program" runs last --csv >"$stage/csv"
listed=$(tail -n +2 "$stage/csv" | cut -d, -f1 | sort -u | wc -l)
done=$(grep -c '/p[0-9]*\.ppm,done,' "$stage/csv")
left=$(grep -c ',left,' "$stage/csv" || true)
[ "$done" = "$pictures" ] && [ "$left" = 0 ] && [ "$listed" -ge "$all" ] || fail "$done of $pictures done, $left left"
[ "$(find "$stage/out"/[0-9]* -name 'p*.png' | wc -l)" = "$pictures" ] || fail 'a result is missing or double'
no_temporaries "$stage/out"
echo "$listed pictures, $stops times stopped; $few MiB for a tenth of the small ones and $many MiB for all"
