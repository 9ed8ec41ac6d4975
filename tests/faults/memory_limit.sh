# A control group that leaves less memory than was asked for: fewer pictures are in flight, that is said, and nobody is ended
# by the system.
. "$(dirname "$0")/lib.sh"
needs_root

limit=$((400 << 20))
group=$(mktemp -d /sys/fs/cgroup/memory/lightloom-XXXXXX 2>/dev/null || mktemp -d /sys/fs/cgroup/lightloom-XXXXXX 2>/dev/null) ||
    skip 'there is no control group to be had'
leave() {
    rmdir "$group" 2>/dev/null || true
}
case $group in
    */memory/*) echo "$limit" >"$group/memory.limit_in_bytes" || skip 'no limit can be set' ;;
    *) echo "$limit" >"$group/memory.max" 2>/dev/null || skip 'no limit can be set' ;;
esac

# Each needs some 120 MiB.
for ((i = 0; i < 6; i++)); do
    mkdir -p "$stage/in"
    { printf 'P6 4000 3000 255\n'; head -c $((4000 * 3000 * 3)) /dev/zero; } >"$stage/in/p$i.ppm"
done
in_group() {
    echo $BASHPID >"$group/cgroup.procs"
    exec "$program" process "$stage/in" --out "$stage/out" --filter gaussian_blur:sigma=2 --format qoi --memory 4000 --json
}
status=0
(in_group) >"$stage/report" 2>"$stage/said" || status=$?
[ "$status" = 0 ] || fail "it ended with $status"
expect done=6
peak=$(($(total peak_bytes) >> 20)) held=$(($(total resident_bytes) >> 20))
[ "$peak" -le 200 ] || fail "$peak MiB were admitted where 400 are to be had"
echo "$peak MiB admitted and $held MiB held of 400"
