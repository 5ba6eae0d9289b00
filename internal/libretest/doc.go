// Package libretest is a LibreLinkUp server on loopback: good enough to fool
// any client of the real one, and able to fail in every way the real one does.
// Tests talk to it, and so does the demo, so that both run the program as it is
// shipped and not a version of it with a fake inside.
//
// It is written from the outside view of the service and shares no code with
// any client: a mistake in the client cannot hide in its own mirror image.
//
// # Glucose
//
// A [Glucose] is a curve over time, a [Source] is the sensor's readings of it.
// [NewSimulator] and [NewDemo] make curves that are pure functions of seed and
// time, [NewSensor] reads a curve at the sensor's own second, [NewReplay] gives
// back a recorded trace. Readings appear at the server only after the [Feed]'s
// publication delay, as an upload from a phone does.
//
// # Regions
//
// The real service has one host a region. Here the region is the path segment
// before the endpoint: a client given http://127.0.0.1:port/{region} comes under
// /global/…, /eu2/… and so on, and the server can tell one host from another. A
// client given the bare address works too; then all regions are one host, and a
// redirecting scenario redirects the first sign-in and serves the next.
//
// # Time
//
// Options.Now drives everything, lockouts and token lives included, so a demo at
// sixty times the speed is locked out sixty times shorter.
package libretest
