# Errors of the system where there is no disk that has them: each picture that they hit fails with the reason and what to
# do, no temporary file stays, and the others go on. Short writes are completed; a rename or lock that is not known is
# done without.
. "$(dirname "$0")/lib.sh"
needs strace
sources 6

# hit CALLS:WHAT [WHEN]: a run on one thread in which calls of that thread fail.
hit() {
    rm -rf "$stage/out"
    under strace -f -qq -o /dev/null -e "trace=${1%%:*}" -e "inject=$1" -- "$stage/out" --executor sequential --no-journal --give-up-after 1 || true
    untouched
    no_temporaries "$stage/out"
    whole "$stage/out"
}

# one_fails CALLS:ERROR TEXT: the second picture alone.
one_fails() {
    hit "$1:when=2"
    expect done=5 failed=1
    says "$2"
    says '; '
}

one_fails fsync,fdatasync:error=EIO 'input/output error'
one_fails renameat2:error=EIO 'input/output error'
one_fails renameat2:error=EROFS 'choose another output folder'

# Where it is not known how to rename without replacing, how to link, how to lock, there are other ways.
hit renameat2:error=EINVAL
expect done=6
complete "$stage/out"
hit rename,renameat,renameat2:error=EXDEV
expect done=6
complete "$stage/out"
hit renameat2,linkat:error=EPERM
expect done=6
says claimed
complete "$stage/out"
hit flock:error=ENOLCK
expect done=6
complete "$stage/out"
hit utimensat:error=EPERM
expect done=6
complete "$stage/out"
hit fchmod,fchmodat,chmod:error=EPERM
expect done=6
complete "$stage/out"
# Nothing helps: each of them fails.
hit rename,renameat,renameat2,linkat:error=EXDEV
expect done=0 failed=6
empty "$stage/out" || fail 'something stays'

# Late enough that the few writes of the main thread, which are counted by themselves, are left alone.
sources 14
hit write:error=EIO:when=12
expect done=13 failed=1
# A picture that finds no space is tried again.
for error in write:error=ENOSPC fsync:error=EDQUOT renameat2:error=ENOSPC; do
    hit "$error:when=12"
    expect done=14 failed=0
    complete "$stage/out"
done
