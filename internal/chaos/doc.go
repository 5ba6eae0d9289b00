// Package chaos is a test of the whole program under everything that can go
// wrong at once, in simulated time: see TestChaos.
package chaos
