#!/bin/sh
# copy.sh SOURCE TARGET LIST [PARTS]: copies the folder SOURCE to TARGET in parts (4) by GNU parallel, and writes the list of
# all files' digests to LIST. One machine needs no parts, aio keeps it busy by itself: for many that share the file systems
# add --sshloginfile HOSTS, and give folders by paths that all of them have.
set -eu
source=$1 target=$2 list=$3 parts=${4:-4}
lists=$(mktemp -d "$list.XXXXXX")
trap 'rm -r "$lists"' EXIT

seq 0 $((parts - 1)) | parallel --quote --jobs "$parts" --halt soon,fail=1 \
  aio copy -a --resume --quiet --shard "{}/$parts" --manifest "$lists/{}" "$source/." "$target"
cat "$lists"/* | LC_ALL=C sort -k 2 > "$list"
