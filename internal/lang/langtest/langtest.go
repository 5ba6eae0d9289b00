// Package langtest is a made-up language, in which every text that passes through
// package lang shows, and what tests look for in it. The program links none of it.
package langtest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mask writes the letters of English as ones of no English text.
var mask = func() *strings.Replacer {
	const latin, greek = "abcdefghijklmnopqrstuvwxyz", "αβψδεφγηιξκλμνοπθρστυωχςζϡ"
	var pairs []string
	to := []rune(greek)
	for i, r := range latin {
		pairs = append(pairs, string(r), string(to[i]), string(unicode.ToUpper(r)), string(unicode.ToUpper(to[i])))
	}
	return strings.NewReplacer(pairs...)
}()

var (
	filledIn = regexp.MustCompile(`%(?:\[\d\])?[-+# 0-9.*]*[a-zA-Z%]`)
	latin    = regexp.MustCompile(`[A-Za-z][A-Za-z'.-]*[A-Za-z]|[A-Za-z]`)
)

// Masked is a made-up language for lang.Pretend: every text in Greek letters, as
// long as it is in English.
func Masked(key string) string {
	if before, after, ok := strings.Cut(key, "|"); ok && !strings.Contains(before, " ") {
		key = after
	}
	var b strings.Builder
	end := 0
	for _, at := range filledIn.FindAllStringIndex(key, -1) {
		b.WriteString(mask.Replace(key[end:at[0]]))
		b.WriteString(key[at[0]:at[1]])
		end = at[1]
	}
	b.WriteString(mask.Replace(key[end:]))
	return b.String()
}

// Bare are the words in a text that did not pass through Masked, without those
// that are the same in all languages: the program's name, the services', units,
// LO and HI, and what the caller adds, such as names.
func Bare(text string, but ...string) []string {
	for _, same := range append([]string{"mmol/L", "mg/dL"}, but...) {
		text = strings.ReplaceAll(text, same, "")
	}
	same := []string{"llutray", "LibreLinkUp", "Nightscout", "LO", "HI"}
	var out []string
	for _, word := range latin.FindAllString(text, -1) {
		if !slices.Contains(same, word) {
			out = append(out, word)
		}
	}
	return out
}

// Lines is how many lines of width characters a text fills, broken between its
// words as in the menu.
func Lines(text string, width int) (n int) {
	room := 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if room -= length + 1; room < 0 || n == 0 {
			n, room = n+1, width-length
		}
	}
	return n
}
