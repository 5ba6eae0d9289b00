package history

// AnyLater is the question that is asked with each answer.
const AnyLater = anyLater

// OnNetwork makes every folder look like one on another computer's disk, until
// the function that is returned is called.
func OnNetwork() (back func()) {
	before := overNetwork
	overNetwork = func(string) bool { return true }
	return func() { overNetwork = before }
}
