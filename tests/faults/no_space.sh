# No space, no inodes, no space for a moment: what does not fit fails with the reason and leaves nothing, the rest goes on.
. "$(dirname "$0")/lib.sh"
needs_root
sources 60
disk=$stage/disk

check() {
    [ "$(total done)" -gt 0 ] && [ "$(total failed)" -gt 0 ] || fail "$1: some of them"
    [ "$(total done)" = "$(count "$disk/out")" ] || fail "$1: $(total done) done, $(count "$disk/out") there"
    says 'no space left'
    says 'free some space'
    no_temporaries "$disk"
    whole "$disk/out"
    untouched
    umount "$disk"
    mounted=()
}

try_mount -t tmpfs -o size=200k tmpfs "$disk"
process "$disk/out" || true
check 'a full disk'
try_mount -t tmpfs -o nr_inodes=24 tmpfs "$disk"
process "$disk/out" || true
check 'no inodes'
