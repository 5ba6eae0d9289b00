#!/usr/bin/env bash
# Builds the present commit twice, in two folders and two surroundings, and
# compares the packages byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # build FOLDER
	git clone -q --no-local . "$work/$1"
	(cd "$work/$1" && go run ./packaging/build >"$work/$1.sums")
}
(umask 022 && TZ=UTC LC_ALL=C build one)
sleep 1 # nothing may depend on the second
(umask 077 && TZ=Pacific/Auckland LC_ALL=C.UTF-8 build "a longer place/two")

if ! diff "$work/one.sums" "$work/a longer place/two.sums"; then
	echo "The same commit gave different bytes, see above." >&2
	exit 1
fi
echo "All $(wc -l <"$work/one.sums") files are the same, byte for byte."
