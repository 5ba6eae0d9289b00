#!/usr/bin/env bash
# Installs the Debian packages that the tests need: a desktop without a screen
# and a C compiler for the race detector; or those of the lists that are named.
# Where it may not, it says what to do.
set -euo pipefail
cd "$(dirname "$0")/.."
lists=(internal/desktoptest/packages.txt)
[ $# -eq 0 ] || lists=("$@")

[ "$(uname)" = Linux ] || exit 0
command -v dpkg-query >/dev/null || {
	echo "This is no Debian or Ubuntu. The desktop tests need what these packages hold:"
	cat "${lists[@]}" | xargs
	exit 0
}
missing=()
while read -r p; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done < <(cat "${lists[@]}")
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
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
