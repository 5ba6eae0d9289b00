// Package lang holds the texts that people read, in their language.
//
// English is the language of the source: a text is written there as it is
// shown, in a call of this package, and is its own key in the catalogues. A
// catalogue is one file of catalog/, to be edited by hand; "make words" adds
// what is new in the source to each, and packs them for the program. A text
// that a catalogue lacks stays English; a test lets no such text into the
// program.
//
// The language is one for the whole process, as time.Local is: it is set when
// the program starts and when the user chooses another. Only what people read
// goes through here: never a file, a log line, an output for programs, or a
// key.
package lang

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// A Language is one that the program speaks.
type Language struct {
	Code string // of ISO 639-1
	Name string // as it is called by those who speak it

	plural func(n int) int // which of the forms of a catalogue is for n
	comma  bool            // decimals stand behind a comma
}

// Languages are all of them. Another is one line here and one file in
// catalog/.
var Languages = []Language{
	{Code: "en", Name: "English", plural: oneOther},
	{Code: "de", Name: "Deutsch", plural: oneOther, comma: true},
	{Code: "es", Name: "Español", plural: oneOther, comma: true},
	{Code: "fr", Name: "Français", plural: zeroOneOther, comma: true},
	{Code: "it", Name: "Italiano", plural: oneOther, comma: true},
	{Code: "nl", Name: "Nederlands", plural: oneOther, comma: true},
	{Code: "pl", Name: "Polski", plural: oneFewMany, comma: true},
	{Code: "pt", Name: "Português", plural: oneOther, comma: true},
}

// English is the language of the source, and that of a program that was told
// nothing.
const English = "en"

// Auto is the choice of the system's language in the settings.
const Auto = "auto"

// Codes are the codes of Languages.
func Codes() []string {
	var out []string
	for _, l := range Languages {
		out = append(out, l.Code)
	}
	return out
}

// spoken is a language in use.
type spoken struct {
	Language
	region string              // of ISO 3166, such as "US", or ""
	texts  map[string][]string // by key; more than one form where a number decides

	pretend func(key string) string // in tests
}

var now atomic.Pointer[spoken]

func init() { now.Store(&spoken{Language: Languages[0]}) }

// Use makes a locale's language the one to speak, such as "de", "de-AT" or
// "de_AT.UTF-8"; Auto is the system's. A language that the program does not
// speak becomes English. It may be called at any time.
func Use(locale string) {
	if locale == Auto || locale == "" {
		locale = System()
	}
	code, region := split(locale)
	if cur := now.Load(); cur.Code == code && cur.region == region {
		return
	}
	i := slices.IndexFunc(Languages, func(l Language) bool { return l.Code == code })
	s := &spoken{Language: Languages[max(i, 0)], region: region}
	if i > 0 {
		s.texts = unpack(code)
	}
	now.Store(s)
}

// Code is the code of the language in use.
func Code() string { return now.Load().Code }

// Locale is the language in use with the system's region, as browsers write
// it: "en-GB".
func Locale() string {
	s := now.Load()
	if s.region == "" {
		return s.Code
	}
	return s.Code + "-" + s.region
}

// Forms are a text in the language in use, in each form that a number may
// need, for the page, which speaks for itself; nil where it stays English.
func Forms(key string) []string {
	s := now.Load()
	if s.pretend != nil {
		return []string{s.pretend(key)}
	}
	return s.texts[key]
}

// split takes a locale apart.
func split(locale string) (code, region string) {
	locale, _, _ = strings.Cut(locale, ".")
	locale, _, _ = strings.Cut(locale, "@")
	parts := strings.FieldsFunc(locale, func(r rune) bool { return r == '_' || r == '-' })
	if len(parts) == 0 {
		return English, ""
	}
	code = strings.ToLower(parts[0])
	for _, p := range parts[1:] {
		if len(p) == 2 {
			region = strings.ToUpper(p)
		}
	}
	if !slices.Contains(Codes(), code) {
		return English, "" // a region of another language says nothing of English
	}
	return code, region
}

// T is a text in the language in use.
func T(text string) string {
	s := now.Load()
	if s.pretend != nil && text != "" {
		return s.pretend(text)
	}
	if forms := s.texts[text]; len(forms) > 0 && forms[0] != "" {
		return forms[0]
	}
	return text
}

// Pretend puts a language of a test's own in use, with the numbers of
// German: translate makes its texts of their keys. What a program shows then
// tells which of its texts do not pass through here. The test must call back.
func Pretend(translate func(key string) string) (back func()) {
	before := now.Load()
	now.Store(&spoken{Language: Languages[1], pretend: translate})
	return func() { now.Store(before) }
}

// C is a text that means something else elsewhere, such as "On" of a switch
// and of a day; the context tells which.
func C(context, text string) string {
	if t := T(context + "|" + text); t != context+"|"+text {
		return t
	}
	return text
}

// F is T with its verbs filled in as by fmt.Sprintf. A catalogue may change
// their order: %[2]s.
func F(format string, args ...any) string {
	return fmt.Sprintf(T(format), args...)
}

// N is a text with a number in it: one for 1, many for the others, and what
// the language in use makes of it. Without args the number itself fills the
// verb; with args they alone do.
func N(n int, one, many string, args ...any) string {
	if len(args) == 0 {
		args = []any{n}
	}
	s := now.Load()
	form := many
	if n == 1 {
		form = one
	}
	if s.pretend != nil {
		form = s.pretend(many)
	} else if forms := s.texts[many]; len(forms) > 0 {
		if i := s.plural(n); i < len(forms) && forms[i] != "" {
			form = forms[i]
		}
	}
	if !strings.Contains(form, "%") {
		return form // "a day": the number is in the words
	}
	return fmt.Sprintf(form, args...)
}

// Mark says that a text is one for people although it is not put into words
// here: in a table whose entries pass through T later.
func Mark(text string) string { return text }

// E is fmt.Errorf with the format in the language in use.
func E(format string, args ...any) error {
	return fmt.Errorf(T(format), args...)
}

// Error is an error whose text is in the language in use when it is read, for
// errors that are made before the language is known.
type Error string

func (e Error) Error() string { return T(string(e)) }
