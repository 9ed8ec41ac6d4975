# Names of 255 bytes get a number, a suffix and an extension all the same, and it is said; permissions are those that new
# files get, with any mask and wherever temporary files may be.
. "$(dirname "$0")/lib.sh"
sources 2
out=$stage/out
long=$(printf 'n%.0s' $(seq 251))
cp "$in/p0000.ppm" "$in/$long.ppm"
cp "$in/p0001.ppm" "$in/$(printf '漢%.0s' $(seq 83)).ppm"
for i in 1 2; do process "$out" || fail "long names, run $i"; done
expect done=4 failed=0
# When the run was planned, or where the disk allows no more.
says 'and not\|shortened'
[ "$(count "$out")" = 8 ] || fail 'a result is missing'

for mask in 077 027 022 000; do
    rm -rf "$out"
    (umask "$mask"; TMPDIR=/nonexistent process "$out") || fail "mask $mask"
    (umask "$mask"; : >"$stage/usual$mask")
    [ "$(stat -c %a "$out/p0000.png")" = "$(stat -c %a "$stage/usual$mask")" ] || fail "mask $mask: $(stat -c %a "$out/p0000.png")"
done
