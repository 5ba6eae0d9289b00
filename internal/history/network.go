package history

// overNetwork reports whether a folder is on another computer's disk, as far
// as the system tells. A variable for tests, which have no such disk.
var overNetwork = networkFolder
