#!/usr/bin/env bash
# Runs each fuzz test so many times, from its seeds and corpus alone, on all
# cores. By number and not by time: the seeds of some take longer than a moment,
# and Go may call a run failed that its clock has ended. An input that fails is
# kept in testdata/fuzz of its package; nothing else is left behind.
set -euo pipefail
cd "$(dirname "$0")/.."
export runs=${1:?how many executions of each}
dir=$(mktemp -d)
export dir
trap 'rm -rf "$dir"' EXIT

package() { # one build for all its tests
	local bin=$dir/${1//\//-}.test failed=0
	go test -c -fuzz . -o "$bin" "$1"
	cd "$1"
	for f in $("$bin" -test.list '^Fuzz'); do
		local n=$runs log=$dir/$f
		case $f in FuzzSchedule) n=$((runs / 8)) ;; esac # a day or two each
		# Go is content with the seeds alone, so we look whether there was more.
		if "$bin" -test.run '^$' -test.fuzz "^$f\$" -test.fuzztime "${n}x" -test.fuzzminimizetime 0x \
			-test.parallel 1 -test.fuzzcachedir "$dir/corpus-$f" >"$log" 2>&1 && grep -q 'now fuzzing' "$log"; then
			echo "$1 $f: $(sed -n 's/^fuzz: elapsed: //p' "$log" | tail -1)"
		else
			failed=1
			echo "FAIL $1 $f, $n executions, its seeds among them:"
			cat "$log"
		fi
	done
	rm -f "$bin"
	return $failed
}
export -f package

packages=$(grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | xargs -n1 dirname | sort -u)
xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} bash -euc 'package {}' <<<"$packages"
