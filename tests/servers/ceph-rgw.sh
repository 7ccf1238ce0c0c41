#!/usr/bin/env bash
# A real S3 server with versions and Object Lock for the tests: one Ceph monitor, manager, OSD (BlueStore in a sparse file) and RADOS
# gateway on loopback, http and https. Debian packages: ceph-mon ceph-mgr ceph-osd ceph-common radosgw openssl.
# Everything lies in DIR; about 1 GiB of memory, ready in about 15 s. No daemon of it asks another for a key: never run it outside a test.
#   ceph-rgw.sh up DIR [PID]     starts it and prints where it is as NAME=value lines; stops by itself once process PID is gone
#   ceph-rgw.sh user DIR NAME    one more S3 user; prints its access key and its secret key
#   ceph-rgw.sh down DIR         stops what it started, by process id, and removes DIR
set -euo pipefail
verb=${1:?up, user or down} dir=$(realpath -m "${2:?a folder}") self=$(realpath "$0")

# A port below those that the system hands out by itself, on which nobody answers.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  echo "no free port on 127.0.0.1" >&2; return 1
}

# A process id may have gone to somebody else since: only a process that was given our configuration is ours.
ours() { [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF -- "-c $dir/ceph.conf"; }
stop() {
  local file pid
  for file in "$dir"/run/*.pid; do
    [ -s "$file" ] && pid=$(<"$file") && ours "$pid" && kill -KILL "$pid" || continue
    while ours "$pid"; do sleep 0.1; done
  done
}

# On a busy machine a Ceph client may give its first command before it has the cluster's map, and is refused ("wrong fsid").
again() {
  for _ in $(seq 10); do
    "$@" && return 0
    sleep 0.5
  done
  return 1
}

start() {
  rm -rf "$dir"/{mon,osd,mgr,rgw,run,log}; mkdir -p "$dir"/{mon,osd,mgr,rgw,run,log}; cd "$dir"
  local fsid osd monitor; fsid=$(</proc/sys/kernel/random/uuid) osd=$(</proc/sys/kernel/random/uuid)
  monitor=$(free_port) http=$(free_port) https=$(free_port)
  cat >ceph.conf <<C
[global]
fsid = $fsid
mon initial members = a
mon host = v1:127.0.0.1:$monitor
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
public network = 127.0.0.0/8
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
osd objectstore = bluestore
bluestore block size = 8589934592
bluestore block create = true
bluestore block wal create = false
bluestore block db create = false
osd memory target = 939524096
osd class load list = *
osd class default list = *
run dir = $dir/run
admin socket = $dir/run/\$name.asok
log file = $dir/log/\$name.log
pid file = $dir/run/\$name.pid
mon data = $dir/mon
osd data = $dir/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$http ssl_endpoint=127.0.0.1:$https ssl_certificate=$dir/server.pem
rgw data = $dir/rgw
# What an attacker with SSE-C does must be tried over http too.
rgw crypt require ssl = false
C
  {
    monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$monitor]" monmap --clobber &&
    ceph-mon -c "$dir/ceph.conf" --mkfs -i a --monmap monmap &&
    ceph-mon -c "$dir/ceph.conf" -i a &&
    ceph-mgr -c "$dir/ceph.conf" -i x --mgr-data "$dir/mgr" &&
    again timeout 60 ceph -c "$dir/ceph.conf" osd new "$osd" &&
    ceph-osd -c "$dir/ceph.conf" -i 0 --mkfs --osd-uuid "$osd" &&
    again ceph-osd -c "$dir/ceph.conf" -i 0 &&
    again timeout 90 radosgw -c "$dir/ceph.conf" -n client.rgw
  } || return 1
  for _ in $(seq 240); do
    curl -fs -o /dev/null --noproxy '*' "http://127.0.0.1:$http/" && return 0
    sleep 0.25
  done
  return 1
}

# A certificate for this gateway under an authority that no machine trusts.
certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=BackupGuard sample authority" -keyout ca.key -out ca.pem
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out server.crt \
    -extfile <(printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n')
  cat server.key server.crt >server.pem
}

admin() { radosgw-admin -c "$dir/ceph.conf" -n client.rgw "$@"; }

case $verb in
up)
  mkdir -p "$dir"; cd "$dir"
  certificates >"$dir/certificates.log" 2>&1
  for attempt in 1 2 3; do
    start >>"$dir/start.log" 2>&1 && break
    # A port was taken in between, or the machine was too busy.
    stop
    [ "$attempt" != 3 ] || { echo "The gateway did not start:" >&2; tail -n 20 "$dir/start.log" >&2; rm -rf "$dir"; exit 1; }
  done
  again admin user create --uid=sample --display-name=sample --access-key=SAMPLEACCESSKEY --secret=sample-secret-key >"$dir/user.log" 2>&1
  if [ -n "${3:-}" ]; then
    setsid bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec bash "$2" down "$3"' watch "$3" "$self" "$dir" </dev/null >/dev/null 2>&1 &
  fi
  tee "$dir/s3.env" <<ENV
BACKUPGUARD_TEST_S3=http://127.0.0.1:$http
BACKUPGUARD_TEST_S3_TLS=https://127.0.0.1:$https
BACKUPGUARD_TEST_S3_CA=$dir/ca.pem
BACKUPGUARD_TEST_S3_ACCESS_KEY=SAMPLEACCESSKEY
BACKUPGUARD_TEST_S3_SECRET_KEY=sample-secret-key
BACKUPGUARD_TEST_S3_FOLDER=$dir
ENV
  ;;
user)
  again admin user create --uid="${3:?a name}" --display-name="$3" 2>/dev/null | sed -n 's/.*"\(access_key\|secret_key\)": "\(.*\)".*/\2/p'
  ;;
down)
  [ -d "$dir" ] || exit 0
  [ -f "$dir/ceph.conf" ] || { echo "$dir was not started by this script" >&2; exit 2; }
  stop
  rm -rf "$dir"
  ;;
*) echo "up, user or down" >&2; exit 2 ;;
esac
