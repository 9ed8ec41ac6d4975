# A file system that can neither rename without replacing nor link, with folders that tell no case apart: exFAT through
# FUSE. All is written, that is said once, names that are taken are never replaced, and a kill between the claim of a
# name and the rename leaves nothing that the next run does not remove.
. "$(dirname "$0")/lib.sh"
needs_root
needs mkfs.exfat mount.exfat-fuse losetup
sources 6
image 64M mkfs.exfat
disk=$stage/disk
mkdir -p "$disk"
mount.exfat-fuse "$loop" "$disk" >"$stage/mount" 2>&1 || skip "cannot mount: $(tail -n 1 "$stage/mount")"
mounted+=("$disk")
process "$disk/out" || fail 'a run on exFAT'
expect done=6 failed=0
says 'claimed'
[ "$(grep -o claimed "$stage/report" | wc -l)" = 1 ] || fail 'said more than once'
no_temporaries "$disk/out"
complete "$disk/out"
process "$disk/out" || fail 'a second run'
[ "$(count "$disk/out")" = 12 ] || fail 'taken names'
rm "$disk"/out/*-2.png
complete "$disk/out"
process "$disk/out" --conflict overwrite || fail 'overwriting'
expect done=6
complete "$disk/out"
if command -v strace >/dev/null; then
    for n in 1 2 3 4 5; do
        rm -rf "$disk/out"
        status=0
        under strace -f -qq -o /dev/null -e trace=rename,renameat -e "inject=rename,renameat:signal=SIGKILL:when=$n" -- \
            "$disk/out" --executor sequential || status=$?
        [ "$status" != 0 ] || fail 'it was not killed'
        [ -n "$(find "$disk/out" -name '.lightloom-*.tmp')" ] || fail 'it was killed too late'
        if [ $((n % 2)) = 0 ]; then
            [ -n "$(find "$disk/out" -name '*.png' -size 0)" ] || fail 'no name was claimed'
        fi
        process "$disk/out" --conflict changed || fail 'the run after a kill'
        no_temporaries "$disk/out"
        complete "$disk/out"
    done
    # Under a policy that never replaces, the empty file must not be in the way either.
    rm -rf "$disk/out"
    under strace -f -qq -o /dev/null -e trace=rename,renameat -e "inject=rename,renameat:signal=SIGKILL:when=2" -- \
        "$disk/out" --executor sequential || true
    process "$disk/out" || fail 'the run after a kill'
    complete "$disk/out"
fi
untouched
