#!/usr/bin/env bash
# The figures about workers: what waiting, computing and both gain from threads, cores, async and processes, as the lab
# measures them, and the lessons. Leave the machine alone meanwhile.
#
#   benches/workers.sh PROGRAM PHOTOS [RESULTS]
#
# PROGRAM is a release build, PHOTOS a folder with photos of 10 megapixels or more, RESULTS the file that is written once
# all is measured: benches/results/workers.txt if none is named. SMALL=1 tries the script itself: a few pictures, one
# round, no figures for anyone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?usage: workers.sh PROGRAM PHOTOS [RESULTS]}")
photos=$(realpath "${2:?usage: workers.sh PROGRAM PHOTOS [RESULTS]}")
results=$(realpath -m "${3:-$here/results/workers.txt}")
work=$(mktemp -d)
errors=$work/errors.txt
trap 'status=$?; [ "$status" = 0 ] || cat "$errors" >&2; rm -rf "$work"' EXIT
exec 3>&2

if [ -n "${SMALL:-}" ]; then
    count=4 lab=("$program" lab --repeats 1 --budget 0) lessons=(--rounds 1)
else
    count=60 lab=("$program" lab --repeats 5 --budget 120) lessons=(--rounds 5)
fi
lab+=(--scratch "$work")
cores=$(nproc)
executors=sequential,threads,cores,hybrid,async,processes

# Pictures of a size that a web gallery has, made from the photos.
"$program" process "$photos" --out "$work/made" --flat --filter resize:width=1600,height=1600 --format jpeg >/dev/null
mkdir "$work/pictures"
mapfile -t made < <(find "$work/made" -name "*.jpg" | sort)
for i in $(seq "$count"); do cp "${made[$(((i - 1) % ${#made[@]}))]}" "$work/pictures/$i.jpg"; done
edit=(--filter resize:width=1000,height=1000 --filter gaussian_blur:sigma=2 --filter unsharp_mask --format jpeg)

# heading WORDS: what follows, and on standard error that it has begun.
heading() {
    printf '\n== %s\n' "$1"
    printf '%s\n' "$1" >&3
}

measure() {
    echo "$("$program" --version), $(date +%F), $cores cores"
    heading "Computing: $count pictures on a fast disk"
    "${lab[@]}" "$work/pictures" "${edit[@]}" --executors "$executors" --workers "1,$cores"
    heading "Waiting: the same with 50 ms of simulated latency for each file"
    "${lab[@]}" "$work/pictures" "${edit[@]}" --simulate-latency 50 --executors "$executors" --workers "$cores" --io-threads 8
    heading 'Large photos'
    "${lab[@]}" "$photos" --filter resize:width=1920,height=1920 --filter unsharp_mask --format jpeg \
        --executors "$executors" --workers "$cores"
    heading 'Threads and processes compared, on the sample photos'
    "$program" lessons table --scratch "$work"
    heading 'Lessons, on the sample photos'
    "$program" lessons all "${lessons[@]}" --scratch "$work"
}

measure >"$work/results.txt" 2>"$errors"
cp "$work/results.txt" "$results"
echo "written: $results"
