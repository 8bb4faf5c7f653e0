#!/bin/bash
# sbatch copy.sh SOURCE TARGET LISTS: copies the folder SOURCE to TARGET as an array job, a part of the files in each task.
# All of them are on file systems that every node has. Each task writes a list of its files' digests to the folder LISTS.
# More or fewer tasks: sbatch --array=0-63 copy.sh ... A task that is requeued goes on where it was.
#SBATCH --job-name=aio-copy
#SBATCH --array=0-15
#SBATCH --requeue
set -eu
source=$1 target=$2 lists=$3

mkdir -p "$lists"
exec aio copy -a --resume --shard auto --manifest "$lists/$SLURM_ARRAY_TASK_ID.sums" "$source/." "$target"
