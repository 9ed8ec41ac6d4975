# A place that nothing can be written to: read-only, immutable, without permission. Each picture fails with the reason and
# what to do, and nothing is made.
. "$(dirname "$0")/lib.sh"
needs_root
sources 3

refused() {
    expect done=0 failed=3
    says "$2"
    says 'choose another output folder'
    empty "$1" || fail "$1 is not empty"
    untouched
}

mkdir "$stage/place"
try_mount --bind "$stage/place" "$stage/bound"
mount -o remount,ro,bind "$stage/bound"
process "$stage/bound/out" || true
refused "$stage/bound" 'read-only'
process "$stage/bound" || true
refused "$stage/bound" 'read-only'

if chattr +i "$stage/place" 2>/dev/null; then
    process "$stage/place" || true
    refused "$stage/place" 'operation not permitted'
    chattr -i "$stage/place"
fi

if command -v setpriv >/dev/null; then
    chmod 755 "$stage" "$stage/place"
    chmod -R a+rX "$in"
    under setpriv --reuid=65534 --regid=65534 --clear-groups -- "$stage/place" || true
    if [ -s "$stage/report" ]; then refused "$stage/place" 'permission denied'; fi
fi
