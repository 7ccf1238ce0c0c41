#!/usr/bin/env bash
# A real server of the Azure Blob interface for the tests: Azurite (npm, pinned in azurite/), twice on loopback, over http and over https with tokens
# of Entra ID, under an authority of its own. Needs node, npm, openssl. Everything is in memory and in DIR; Azurite itself is installed once into a cache.
#   azurite.sh up DIR [PID]     starts it and prints where it is as NAME=value lines; stops by itself once process PID is gone
#   azurite.sh down DIR         stops what it started, by process id, and removes DIR
set -euo pipefail
verb=${1:?up or down} dir=$(realpath -m "${2:?a folder}") self=$(realpath "$0")
pinned=$(dirname "$self")/azurite

# Installed under the hash of what is pinned: another version is another folder, and two who install at once do not meet.
install() {
  local cache
  cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/backupguard/azurite-$(cat "$pinned/package.json" "$pinned/package-lock.json" | sha256sum | cut -c1-16)
  if [ ! -f "$cache/node_modules/azurite/package.json" ]; then
    mkdir -p "$cache.$$" && cp "$pinned/package.json" "$pinned/package-lock.json" "$cache.$$/"
    (cd "$cache.$$" && npm ci --ignore-scripts --no-audit --no-fund --omit=optional) >"$dir/npm.log" 2>&1 || { echo "Azurite could not be installed:" >&2; tail -n 20 "$dir/npm.log" >&2; rm -rf "$cache.$$"; return 1; }
    mv -T "$cache.$$" "$cache" 2>/dev/null || rm -rf "$cache.$$"
  fi
  echo "$cache"
}

# A process id may have gone to somebody else since: only a process that works in our folder is ours.
ours() { [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$dir" ]; }
stop() {
  local file pid
  for file in "$dir"/*.pid; do
    [ -s "$file" ] && pid=$(<"$file") && ours "$pid" && kill -KILL "$pid" || continue
    while ours "$pid"; do sleep 0.1; done
  done
}

# A certificate for this server under an authority that no machine trusts.
certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=BackupGuard sample authority" -keyout ca.key -out ca.pem
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out server.crt \
    -extfile <(printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n')
}

# start NAME ARGUMENTS: port 0 is any free one; the server says which in its first lines.
start() {
  local name=$1; shift
  node "$azurite/node_modules/azurite/dist/src/blob/main.js" --blobHost 127.0.0.1 --blobPort 0 --inMemoryPersistence --extentMemoryLimit 1024 --disableTelemetry --silent "$@" </dev/null >"$dir/$name.log" 2>&1 &
  echo $! >"$dir/$name.pid"
  for _ in $(seq 240); do
    where=$(grep -o 'https\?://127.0.0.1:[0-9]*' "$dir/$name.log" | tail -n 1) || true
    grep -q 'successfully listen' "$dir/$name.log" && [ -n "$where" ] && return 0
    kill -0 "$(<"$dir/$name.pid")" 2>/dev/null || break
    sleep 0.25
  done
  echo "Azurite did not start:" >&2; tail -n 20 "$dir/$name.log" >&2; return 1
}

case $verb in
up)
  mkdir -p "$dir"; cd "$dir"
  certificates >certificates.log 2>&1
  azurite=$(install) || { rm -rf "$dir"; exit 1; }
  start plain && http=$where && start tls --cert "$dir/server.crt" --key "$dir/server.key" --oauth basic || { stop; rm -rf "$dir"; exit 1; }
  if [ -n "${3:-}" ]; then
    setsid bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec bash "$2" down "$3"' watch "$3" "$self" "$dir" </dev/null >/dev/null 2>&1 &
  fi
  cat <<ENV
BACKUPGUARD_TEST_AZURE=$http
BACKUPGUARD_TEST_AZURE_TLS=$where
BACKUPGUARD_TEST_AZURE_CA=$dir/ca.pem
BACKUPGUARD_TEST_AZURE_FOLDER=$dir
ENV
  ;;
down)
  [ -d "$dir" ] || exit 0
  [ -f "$dir/ca.pem" ] || { echo "$dir was not started by this script" >&2; exit 2; }
  stop
  rm -rf "$dir"
  ;;
*) echo "up or down" >&2; exit 2 ;;
esac
