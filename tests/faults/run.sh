#!/usr/bin/env bash
# Runs the program into every fault of this folder: one script a fault, each of which says what it asserts.
#
#     run.sh PROGRAM [NAME…]
#
# FULL=1 takes the long forms. What is skipped is said with its reason; with LIGHTLOOM_REQUIRE_FAULTS that is a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
LIGHTLOOM=$(realpath "${1:?usage: run.sh PROGRAM [NAME…]}")
export LIGHTLOOM
wanted=("${@:2}")
limit=$([ -n "${FULL:-}" ] && echo 3000 || echo 300)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
right=0 skipped=0 wrong=0
for script in "$here"/*.sh; do
    name=$(basename "$script" .sh)
    case $name in run | lib) continue ;; esac
    if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then continue; fi
    begun=$SECONDS
    status=0
    said=$(timeout "$limit" bash "$script" 2>"$log") || status=$?
    case $status in
        0) right=$((right + 1)); echo "ok: $name ($((SECONDS - begun)) s)${said:+: $(tail -n 1 <<<"$said")}" ;;
        77) skipped=$((skipped + 1)); echo "$name: $(tail -n 1 <<<"$said")" ;;
        124) wrong=$((wrong + 1)); echo "FAILED: $name: not done after $limit s" ;;
        *) wrong=$((wrong + 1)); echo "FAILED: $name: $said"; tail -n 3 "$log" ;;
    esac
done
echo "$right faults survived, $skipped skipped, $wrong not survived"
[ "$wrong" = 0 ] && { [ "$skipped" = 0 ] || [ -z "${LIGHTLOOM_REQUIRE_FAULTS:-}" ]; }
