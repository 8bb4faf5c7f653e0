#!/bin/bash
# sbatch --dependency=afterok:JOB verify.sh TARGET LISTS: makes one list of the tasks' lists, LISTS/all, sorted by name, and
# reads every file of TARGET again.
#SBATCH --job-name=aio-verify
set -eu
target=$1 lists=$2

cat "$lists"/*.sums | LC_ALL=C sort -k 2 > "$lists/all"
exec aio verify --quiet -C "$target" "$lists/all"
