package settings

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// phrase is what is said of a setting, to people in their language and in the
// settings file in English: the file goes with its owner from one language to
// another, nothing rewrites what stands in it, and who helps somebody with it,
// or compares it with the documentation, finds the same words.
type phrase struct {
	text string // marked for translation
	args []any  // for its verbs; none for a text without
}

// mmol is a value of a phrase that is written in mmol/L.
type mmol glucose.MgDL

// tongue is how texts and numbers are written.
type tongue struct {
	text    func(string) string
	decimal func(digits string) string
}

func asIs(s string) string { return s }

// String is the phrase in the user's language.
func (p phrase) String() string { return p.in(tongue{lang.T, lang.Decimal}) }

// english is the phrase as it stands in the file.
func (p phrase) english() string { return p.in(tongue{asIs, asIs}) }

func (p phrase) in(t tongue) string {
	if len(p.args) == 0 {
		return t.text(p.text)
	}
	var args []any
	for _, a := range p.args {
		switch x := a.(type) {
		case phrase:
			a = x.in(t)
		case mmol:
			a = t.decimal(strconv.FormatFloat(glucose.MgDL(x).Mmol(), 'f', 1, 64))
		}
		args = append(args, a)
	}
	return fmt.Sprintf(t.text(p.text), args...)
}

// or adds another choice.
func (p phrase) or(word string) phrase { return phrase{lang.Mark("%s or %s"), []any{p, word}} }

// either is the choice of one of several words.
func either(words []string) phrase {
	last := len(words) - 1
	return phrase{lang.Mark("%s or %s"), []any{strings.Join(words[:last], ", "), words[last]}}
}
