# Waits until standard input is closed, whoever closes it and however it ends; then ends every
# server below the folder and removes it.
#
# usage: sh cluster.sh PROGRAMS FOLDER
programs=$1 folder=$2
cat >/dev/null
for data in "$folder"/*/data; do
  "$programs/pg_ctl" stop -D "$data" -m immediate >/dev/null 2>&1
done
cd /
rm -rf "$folder"
