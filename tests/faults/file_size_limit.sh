# A limit for the size of files (ulimit -f): what is larger fails with the advice, the rest is written, and the program
# lives.
. "$(dirname "$0")/lib.sh"
sources 3 64
{ printf 'P6 400 400 255\n'; head -c 480000 /dev/urandom; } >"$in/large.ppm"
(cd "$in" && sha256sum -- *) >"$stage/originals"
status=0
(ulimit -f 100; process "$stage/out") || status=$?
[ "$status" = 1 ] || fail "it ended with $status"
expect done=3 failed=1
says 'ulimit'
no_temporaries "$stage/out"
complete "$stage/out"
untouched
