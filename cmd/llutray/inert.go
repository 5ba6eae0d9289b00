package main

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// inert is an output on which no name from a server, a file or the history can
// act: a terminal obeys control characters, to move its cursor, rename its
// window or answer as if typed. Line ends and tabs pass.
type inert struct{ to io.Writer }

// Write writes b without its control characters, and tells that all was
// written. What prints here splits no character between two writes.
func (i inert) Write(b []byte) (int, error) {
	kept := b
	if bytes.ContainsFunc(b, control) {
		kept = make([]byte, 0, len(b))
		for rest := b; len(rest) > 0; {
			r, n := utf8.DecodeRune(rest) // a report is not all valid text, and stays as it is
			if !control(r) {
				kept = append(kept, rest[:n]...)
			}
			rest = rest[n:]
		}
	}
	if _, err := i.to.Write(kept); err != nil {
		return 0, err
	}
	return len(b), nil
}

// harmless is text without control characters.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s)
}

// control is C0 and C1, and the marks that turn the reading direction: a number
// must not be read backwards.
func control(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
