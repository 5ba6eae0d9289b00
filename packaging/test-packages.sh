#!/usr/bin/env bash
# Installs the Debian packages that the tests need: a desktop without a screen,
# a browser with npm for what examines the page, a C compiler for the race
# detector, and what checks the desktop's files; or those of the lists that are
# named. Where it may not, it says what to do.
set -euo pipefail
cd "$(dirname "$0")/.."
list=$(cat internal/desktoptest/packages.txt internal/pagetest/packages.txt packaging/packages.txt)
[ $# -eq 0 ] || list=$(cat "$@")
# A browser or npm of another source is as good.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
	! command -v "$name" >/dev/null || list=$(grep -vx chromium <<<"$list" || true)
done
! command -v npm >/dev/null || list=$(grep -vx npm <<<"$list" || true)

[ "$(uname)" = Linux ] || exit 0
command -v dpkg-query >/dev/null || {
	echo "This is no Debian or Ubuntu. The tests of desktop and page need what these packages hold:"
	xargs <<<"$list"
	exit 0
}
missing=()
while read -r p; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done < <(sort -u <<<"$list")
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		as_root=(sudo -n)
	else
		echo "The tests need these packages; please run:"
		echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
		exit 1
	fi
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
