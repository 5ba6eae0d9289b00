// Package pagetest drives the local page of the real program in a real
// browser: Chromium without a window, and nothing else but loopback. What it
// needs besides Go is in package.json and packages.txt; make browser fetches
// both.
package pagetest
