#!/usr/bin/env bash
# Runs every test. On Debian or Ubuntu as root it first installs what the tests need; elsewhere it runs what it can and says what it left out and why.
# Ends with one line: N passed, N failed, N skipped
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }
fail() { say "$*"; say "0 passed, 1 failed, 0 skipped"; exit 1; }
command -v dotnet >/dev/null || fail "The .NET SDK of global.json is needed: dotnet is not on the PATH."

# Debian keeps the server's programs beside the PATH, a folder for each release.
find_postgres() { for bin in /usr/lib/postgresql/*/bin; do [ -d "$bin" ] && PATH="$PATH:$bin"; done; }
find_postgres
# Command and the Debian package that brings it.
tools="borg:borgbackup xz:xz-utils lz4:lz4 restic:restic chromium:chromium zstd:zstd systemd-analyze:systemd tar:tar gzip:gzip python3:python3 mount:mount pg_verifybackup:postgresql unzip:unzip
  ceph-mon:ceph-mon ceph-mgr:ceph-mgr ceph-osd:ceph-osd ceph:ceph-common radosgw:radosgw bwrap:bubblewrap openssl:openssl curl:curl pgbackrest:pgbackrest
  mariadbd:mariadb-server mariadb:mariadb-client mariadb-backup:mariadb-backup sqlite3:sqlite3 ip:iproute2
  slapd:slapd ldapsearch:ldap-utils samba-tool:samba-common-bin samba:samba-ad-dc qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils busybox:busybox-static mformat:mtools syslinux:syslinux dpkg-deb:dpkg clamscan:clamav clamd:clamav-daemon yara:yara dcmdump:dcmtk rclone:rclone zbarimg:zbar-tools"
modules="aiosmtpd:python3-aiosmtpd"
missing() {
  for pair in $tools; do command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair##*:}"; done
  for pair in $modules; do /usr/bin/python3 -c "import ${pair%%:*}" 2>/dev/null || printf '%s ' "${pair##*:}"; done
  [ -d /usr/share/samba/setup ] || printf 'samba-ad-provision '
}
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -n "$(missing)" ]; then
  say "Installing: $(missing)"
  # The tests start servers of their own; a package must start none.
  policy=/usr/sbin/policy-rc.d held_policy=no
  if [ -e "$policy" ]; then held_policy=yes; else printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"; fi
  # shellcheck disable=SC2046 -- a list of package names
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(missing); } >/dev/null; installed=$?
  [ "$held_policy" = yes ] || rm -f "$policy"
  [ "$installed" = 0 ] || fail "The packages could not be installed."
  find_postgres
fi

# Elsewhere: leave out, by name, what cannot run here.
filter="" left=""
leave() { filter="${filter:+$filter&}$1"; left="$left
  left out: $2"; }
command -v restic >/dev/null || leave 'FullyQualifiedName!~Restic&FullyQualifiedName!~EvidencePath&FullyQualifiedName!~DamageTests&FullyQualifiedName!~NetworkAttempt' "tests on repositories of the restic binary (restic is not installed)"
command -v borg >/dev/null || leave 'FullyQualifiedName!~BorgToolTests&FullyQualifiedName!~s_own_binary' "tests beside the borg binary, and those of all formats that ask their own one (borgbackup is not installed)"
command -v xz >/dev/null || leave 'FullyQualifiedName!~XzTests' "tests against the xz tool (xz-utils is not installed)"
command -v lz4 >/dev/null || leave 'FullyQualifiedName!~Lz4Tests' "tests against the lz4 tool (lz4 is not installed)"
unshare -n ip link set lo up 2>/dev/null || { export BACKUPGUARD_NO_ISLAND=1; left="$left
  left out: the cut network around the exercise of the plan blanc, which is played all the same (not root, or network namespaces are refused here)"; }
[ -x /usr/bin/chromium ] || leave 'FullyQualifiedName!~DemoTests&FullyQualifiedName!~EvidencePath&FullyQualifiedName!~PlanBlancExercise&FullyQualifiedName!~EveryPageAccessibility' "tests in a browser (/usr/bin/chromium is not there)"
[ -x /usr/bin/chromium ] && command -v zbarimg >/dev/null || leave 'FullyQualifiedName!~CrisisPackTests' "the offline crisis pack in a browser, with its QR codes (/usr/bin/chromium or zbar-tools is not there)"
command -v zstd >/dev/null || leave 'FullyQualifiedName!~Zstd&FullyQualifiedName!~FileSet' "tests against the zstd tool (zstd is not installed)"
command -v restic >/dev/null && command -v zstd >/dev/null && command -v unzip >/dev/null || leave 'FullyQualifiedName!~The_format_s_own_binary' "what the formats' own binaries say of the corpus (restic, zstd or unzip is not installed)"
command -v systemd-analyze >/dev/null || leave 'FullyQualifiedName!~Unit' "the check of the systemd unit (systemd-analyze is not installed)"
command -v pg_verifybackup >/dev/null || leave 'FullyQualifiedName!~RealBackupTests&FullyQualifiedName!~The_format_s_own_binary' "tests beside PostgreSQL (its server is not installed)"
command -v initdb >/dev/null || leave 'FullyQualifiedName!~OnPostgres' "tests of the server on PostgreSQL (its server is not installed)"
command -v pgbackrest >/dev/null && command -v initdb >/dev/null || leave 'FullyQualifiedName!~PgBackRest' "tests beside pgBackRest, its vectors of the corpus among them (pgbackrest or PostgreSQL's server is not installed)"
room=no
command -v bwrap >/dev/null && bwrap --unshare-all --ro-bind / / true 2>/dev/null && room=yes
{ [ "$room" = yes ] && command -v initdb && command -v zstd; } >/dev/null || leave 'FullyQualifiedName!~PostgresDrills' "drills of PostgreSQL (its server, zstd or a working bubblewrap is missing)"
{ [ "$room" = yes ] && command -v mariadbd && command -v mariadb-backup && command -v zstd; } >/dev/null || leave 'FullyQualifiedName!~MariaDbDrills' "drills of MariaDB (its server, mariadb-backup, zstd or a working bubblewrap is missing)"
{ [ "$room" = yes ] && command -v sqlite3; } >/dev/null || leave 'FullyQualifiedName!~SqliteDrills' "drills of SQLite (sqlite3 or a working bubblewrap is missing)"
[ -x /usr/bin/python3 ] || leave 'FullyQualifiedName!~SqlServerDrills' "drills of SQL Server with the stand-in for sqlcmd (/usr/bin/python3 is not there)"
command -v python3 >/dev/null || leave 'FullyQualifiedName!~AdapterCommandLine' "the example adapter (python3 is not installed)"
command -v python3 >/dev/null && command -v openssl >/dev/null || leave 'FullyQualifiedName!~Second_verifier&FullyQualifiedName!~Time_stamp_tests&FullyQualifiedName!~Static_log&FullyQualifiedName!~EvidenceVerifierCommandLine&FullyQualifiedName!~DemoTests' "tests beside the second verifier of evidence and openssl's time-stamp authority, the demo's among them (python3 or openssl is not installed)"
/usr/bin/python3 -c "import aiosmtpd" 2>/dev/null && command -v openssl >/dev/null || leave 'FullyQualifiedName!~Checkpoint_mail' "tests with a real mail server (python3-aiosmtpd or openssl is not installed)"
s3=yes
for tool in ceph-mon ceph-mgr ceph-osd ceph radosgw radosgw-admin openssl curl; do command -v "$tool" >/dev/null || s3=no; done
[ "$s3" = yes ] || leave 'FullyQualifiedName!~OnTheGateway&FullyQualifiedName!~S3CommandLine' "tests on a real S3 server (ceph-mon, ceph-mgr, ceph-osd, ceph-common, radosgw, openssl or curl is not installed)"
command -v rclone >/dev/null || leave 'FullyQualifiedName!~TilesInABucket' "the exported log in a locked bucket (rclone is not installed)"
azure=yes
for tool in node npm openssl sha256sum; do command -v "$tool" >/dev/null || azure=no; done
without_azurite() { leave 'FullyQualifiedName!~OnAzurite&FullyQualifiedName!~AzureCommandLine' "tests on a real Azure Blob server ($1)"; }
[ "$azure" = yes ] || without_azurite "node, npm, openssl or sha256sum is not installed"
[ "$(id -u)" = 0 ] || leave 'Needs!=root' "tests that mount a small file system (not root)"
command -v clamscan >/dev/null || leave 'FullyQualifiedName!~ClamavDrills' "drills that scan with ClamAV (clamav is not installed)"
command -v clamd >/dev/null || leave 'FullyQualifiedName!~ClamdDrills' "drills that scan with clamd (clamav-daemon is not installed)"
command -v yara >/dev/null && command -v awk >/dev/null || leave 'FullyQualifiedName!~YaraDrills' "drills that scan with YARA (yara or awk is not installed)"
[ -x /usr/bin/python3 ] && [ -x /usr/bin/chromium ] || leave 'FullyQualifiedName!~ProgramDrills' "drills that start an application and look at its page (/usr/bin/python3 or /usr/bin/chromium is not there)"
command -v dcmdump >/dev/null || leave 'FullyQualifiedName!~DicomBesideDcmtk' "DICOM files beside dcmtk (dcmtk is not installed)"
held=$(mktemp)
{ [ "$(id -u)" = 0 ] && chattr +i "$held" && chattr -i "$held"; } 2>/dev/null || leave 'Needs!=immutable' "tests on immutable files (not root, or chattr +i is refused here)"
rm -f "$held"
command -v bwrap >/dev/null && bwrap --unshare-all --ro-bind / / true 2>/dev/null ||
  leave 'Needs!=room' "tests of drills in a room without network (bubblewrap is not installed, or namespaces are refused here)"
all_there() { for tool in "$@"; do command -v "$tool" >/dev/null || return; done; }
all_there slapd slapadd slapcat slaptest ldapsearch || leave 'Needs!=slapd' "drills of an LDAP directory (slapd or ldap-utils is not installed)"
{ [ "$(id -u)" = 0 ] && [ -d /usr/share/samba/setup ] && all_there samba-tool samba ldapsearch; } ||
  leave 'Needs!=samba-ad' "drills of a Samba domain (not root, or samba-ad-dc, samba-ad-provision or ldap-utils is not installed)"
all_there qemu-system-x86_64 qemu-img qemu-io || leave 'Needs!=qemu' "drills of virtual machines (qemu-system-x86 or qemu-utils is not installed)"
# One of them boots a real kernel, which is unpacked and not installed.
kernel=$(mktemp -d)
if [ "$(uname -m)" = x86_64 ] && all_there apt-get apt-cache dpkg-deb busybox mformat mcopy syslinux &&
  (cd "$kernel" && image=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1) && [ -n "$image" ] &&
    apt-get download -q "$image" >/dev/null 2>&1 && dpkg-deb -x ./*.deb . && rm ./*.deb); then
  export BACKUPGUARD_TEST_KERNEL=$kernel
else
  leave 'Needs!=boot-kernel' "the drill of a machine with a real kernel (linux-image-cloud-amd64 could not be had, or busybox, mtools or syslinux is not installed)"
fi
[ "$(uname)" = Linux ] || leave 'FullyQualifiedName!~System' "tests that run whole processes (Linux only)"

dotnet build BackupGuard.sln --nologo -v q || fail "The build failed."
results=$(mktemp -d)
gateway=$(mktemp -d) azurite=$(mktemp -d)
trap '[ -z "${second:-}" ] || kill "$second" 2>/dev/null; bash tests/servers/ceph-rgw.sh down "$gateway" >/dev/null 2>&1; bash tests/servers/azurite.sh down "$azurite" >/dev/null 2>&1; rm -rf "$results" "$gateway" "$azurite" "$kernel"' EXIT
if [ "$s3" = yes ]; then
  say "Starting the S3 server"
  where=$(bash tests/servers/ceph-rgw.sh up "$gateway" $$) || fail "The S3 server did not start."
  # shellcheck disable=SC2163 -- NAME=value lines
  while read -r line; do export "$line"; done <<<"$where"
fi
if [ "$azure" = yes ]; then
  say "Starting the Azure Blob server"
  if where=$(bash tests/servers/azurite.sh up "$azurite" $$); then
    # shellcheck disable=SC2163 -- NAME=value lines
    while read -r line; do export "$line"; done <<<"$where"
  else
    # Its packages come over the network, once.
    without_azurite "Azurite could not be installed or started"
  fi
fi
status=0
# Two lanes: half of the time the tests wait for the processes that they start. What the second one says comes when the first has ended.
lane() {
  local status=0
  for project in "$@"; do
    say "== $project"
    dotnet test "tests/BackupGuard.$project.Tests" --no-build --nologo --logger "console;verbosity=minimal" --logger trx --results-directory "$results" ${filter:+--filter "$filter"} || status=1
  done
  return "$status"
}
beside="Verification System"
alone=""
for project in tests/*.Tests/; do
  project=${project#tests/BackupGuard.} project=${project%.Tests/}
  case " $beside " in *" $project "*) ;; *) alone="$alone $project" ;; esac
done
# shellcheck disable=SC2086 -- lists of names
{
  lane $beside >"$results/second-lane" 2>&1 &
  second=$!
  lane $alone || status=1
  wait "$second" || status=1
  second=""
  cat "$results/second-lane"
}
[ -z "$left" ] || say "$left"
find "$results" -name '*.trx' -exec grep -h -o '<Counters [^>]*' {} + | awk '
  function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
  { passed += value("passed"); failed += value("failed") + value("error") + value("timeout"); skipped += value("total") - value("executed") }
  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit !(passed > 0 && failed == 0) }' || status=1
exit $status
