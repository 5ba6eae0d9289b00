package notify

const playerHint = "afplay, which is part of macOS, is missing"

var programs = [][]string{{"/usr/bin/afplay"}}
