//go:build !windows

package main

// Only Windows needs two programs, see console_windows.go.

func trayExe(exe string) string    { return exe }
func consoleExe(exe string) string { return exe }
