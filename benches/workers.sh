#!/usr/bin/env bash
# The figures about workers: what waiting, computing and both gain from threads, cores and both, as the lab measures
# them. Leave the machine alone meanwhile.
#
#   benches/workers.sh PROGRAM PHOTOS > benches/results/workers.txt
#
# PROGRAM is a release build, PHOTOS a folder with photos of 10 megapixels or more.
set -euo pipefail
program=$(realpath "$1")
photos=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "$("$program" --version), $(date +%F)"

# 60 pictures of a size that a web gallery has, made from the photos.
"$program" process "$photos" --out "$work/made" --flat --filter resize:width=1600,height=1600 --format jpeg >/dev/null
mkdir "$work/sixty"
mapfile -t made < <(find "$work/made" -type f | sort)
for i in $(seq 60); do cp "${made[$(((i - 1) % ${#made[@]}))]}" "$work/sixty/$i.jpg"; done

edit=(--filter resize:width=1000,height=1000 --filter gaussian_blur:sigma=2 --filter unsharp_mask --format jpeg)
lab=("$program" lab --repeats 5 --scratch "$work")

printf '\n== Computing: 60 pictures on a fast disk\n'
"${lab[@]}" "$work/sixty" "${edit[@]}" --executors sequential,threads,cores,hybrid,processes --workers 1,2 2>/dev/null

printf '\n== Waiting: the same with 50 ms of simulated latency for each file\n'
"${lab[@]}" "$work/sixty" "${edit[@]}" --simulate-latency 50 --executors sequential,threads,cores,hybrid --workers 2 \
    --io-threads 8 2>/dev/null

printf '\n== Large photos\n'
"${lab[@]}" "$photos" --filter resize:width=1920,height=1920 --filter unsharp_mask --format jpeg \
    --executors sequential,threads,cores,hybrid,processes --workers 2 2>/dev/null

printf '\n== Lessons on the sample photos\n'
"$program" lessons all --scratch "$work" 2>/dev/null
