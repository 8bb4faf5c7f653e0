#!/bin/sh
# backup.sh FOLDER BACKUPS: makes BACKUPS/DATE, a whole copy of FOLDER, and BACKUPS/DATE.sums, the digests of its files.
# What has not changed since the last backup is one more name of the file there, and takes no space. The newest KEEP
# backups (14) stay. After an interruption the same line again goes on.
set -eu
folder=$(cd "$1" && pwd)
cd "$2"
today=$(date +%F)
[ ! -e "$today" ] || exit 0

# aio never writes into a file that is there, it puts a new one in its place: the last backup stays as it is
last=$(ls -d ????-??-?? 2>/dev/null | tail -n 1)
[ -z "$last" ] || [ -e unfinished ] || cp -al "$last" unfinished
aio sync -a --delete --resume --sync --verify --quiet --manifest unfinished.sums "$folder" unfinished
mv unfinished.sums "$today.sums"
mv unfinished "$today"

ls -d ????-??-?? | head -n "-${KEEP:-14}" | while read -r old; do rm -r "$old" "$old.sums"; done
