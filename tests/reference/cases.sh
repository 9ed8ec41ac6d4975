#!/usr/bin/env bash
# Runs the checking script of every case of a folder: NAME/check.sh PROGRAM ends with 0 if the program is right.
#
#     cases.sh PROGRAM [FOLDER] [NAME...]
#
# FOLDER: $LIGHTLOOM_CASES if it is not given. Where there is no such folder, the cases are skipped with a word; with
# LIGHTLOOM_REQUIRE_CASES that is a failure. The scripts need python3 with Pillow and NumPy ($PYTHON chooses another) and
# exiftool. Ends with 1 if a case failed.
set -euo pipefail

program=$(realpath "${1:?usage: cases.sh PROGRAM [FOLDER] [NAME...]}")
folder=${2:-${LIGHTLOOM_CASES:-}}
if [ -z "$folder" ] || [ ! -d "$folder" ]; then
    echo "skipped: no cases at '${folder:-\$LIGHTLOOM_CASES}'"
    [ -z "${LIGHTLOOM_REQUIRE_CASES:-}" ]
    exit
fi
wanted=("${@:3}")
right=0
wrong=()
for check in "$folder"/*/check.sh; do
    name=$(basename "$(dirname "$check")")
    if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then
        continue
    fi
    if said=$(timeout 300 bash "$check" "$program" 2>&1); then
        right=$((right + 1))
    else
        wrong+=("$name")
        printf '%s: %s\n' "$name" "$(tail -n 1 <<<"$said")"
    fi
done
echo "cases: $right right, ${#wrong[@]} wrong"
[ ${#wrong[@]} -eq 0 ]
