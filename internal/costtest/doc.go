// Package costtest measures what the real program costs to leave running,
// beside the least that a tray program of the same library costs, in one run
// on one machine. `make bench` prints it; docs/benchmarks.md keeps results.
package costtest
