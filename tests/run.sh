#!/usr/bin/env bash
# Runs every test. On Debian or Ubuntu as root it first installs what the tests need; elsewhere it runs what it can and says what it left out.
# Ends with one line: N passed, N failed, N skipped
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  need=""
  for pair in restic:restic chromium:chromium zstd:zstd; do command -v "${pair%%:*}" >/dev/null || need="$need ${pair##*:}"; done
  if [ -n "$need" ]; then
    apt-get update -q >/dev/null
    # shellcheck disable=SC2086 -- a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $need >/dev/null || exit 1
  fi
fi

dotnet build BackupGuard.sln --nologo -v q || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet test BackupGuard.sln --no-build --nologo -v q --logger trx --results-directory "$results"
status=$?
python3 - "$results" <<'PY'
import glob, sys, xml.etree.ElementTree as ET
passed = failed = skipped = 0
for f in glob.glob(sys.argv[1] + "/**/*.trx", recursive=True):
    c = ET.parse(f).getroot().find(".//{*}Counters").attrib
    passed += int(c["passed"]); failed += int(c["failed"]) + int(c["error"]) + int(c["timeout"]); skipped += int(c["total"]) - int(c["executed"])
print(f"{passed} passed, {failed} failed, {skipped} skipped")
PY
exit $status
