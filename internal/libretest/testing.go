package libretest

// TB is what StartTest needs of a testing.TB. The interface is our own because
// this package is part of the shipped program, and package testing is not.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// StartTest starts a server that ends with the test.
func StartTest(tb TB, o Options) *Server {
	tb.Helper()
	s := New(o)
	if err := s.Start(); err != nil {
		tb.Fatalf("starting the LibreLinkUp test server: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}
