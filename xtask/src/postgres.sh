# Keeps one private PostgreSQL for as long as standard input stays open, then
# removes every trace of it. However the program at the other end of that pipe
# ends, Ctrl-C and `kill -9` included, the pipe closes and the server goes.
#
# usage: sh postgres.sh PROGRAMS FOLDER PORT
set -eu
programs=$1 folder=$2 port=$3
data=$folder/data
log=$folder/log

finish() {
  code=$?
  [ "$code" -eq 0 ] || cat "$log" >&2 || true
  # Nobody needs the data again: no checkpoint, no waiting for clients.
  "$programs/pg_ctl" stop -D "$data" -m immediate >/dev/null 2>&1 || true
  cd /
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT

cd "$folder"
"$programs/initdb" -D "$data" -U scim -A trust -E UTF8 --locale=C.UTF-8 >"$log" 2>&1

# fsync stays on: the kill tests are about what a crash leaves behind.
cat >>"$data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
fsync = on
max_connections = 300
shared_buffers = 64MB
SETTINGS
"$programs/pg_ctl" start -w -t 60 -D "$data" -l "$log" >/dev/null
"$programs/createdb" -h "$folder" -p "$port" -U scim scim >>"$log" 2>&1

echo ready
cat >/dev/null
