# A folder that does not answer before a run is named, and the search goes on once it answers.
. "$(dirname "$0")/lib.sh"

pictures "$stage/behind/deep" 5
mount_share
kill -STOP "$server"
"$program" process "$share" --out "$stage/out" --format png >"$stage/report" 2>"$stage/said" &
runner=$!
children=("$runner")
within 20 is_said "^trouble: $share does not answer" || fail 'the folder is not named'
kill -CONT "$server"
ends 0
at_least "$stage/out" 5 || fail 'results are missing'
echo 'the folder was named, and searched later'
