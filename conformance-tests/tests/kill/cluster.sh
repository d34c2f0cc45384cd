# Waits until standard input is closed, whoever closes it and however it ends; then ends every
# server below the folder and removes it.
#
# usage: sh cluster.sh PROGRAMS FOLDER
programs=$1 folder=$2
cat >/dev/null
for data in "$folder"/*/data; do
  # One that stands still would not hear that it is to stop.
  postmaster=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || continue
  kill -CONT "$postmaster" $(cat "/proc/$postmaster/task/$postmaster/children" 2>/dev/null) 2>/dev/null
  "$programs/pg_ctl" stop -D "$data" -m immediate >/dev/null 2>&1
done
cd /
rm -rf "$folder"
