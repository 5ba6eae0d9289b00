package page

// Source is the program as the page sees it. Its methods are called from many
// goroutines and must not wait longer than their context.
type Source interface {
	// State is what is known now. It never waits.
	State() State
}
