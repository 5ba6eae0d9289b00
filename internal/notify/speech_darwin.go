package notify

import (
	"context"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

const noVoice = lang.Error("nothing here can speak: the program say is missing")

// macVoices are the voices that come with macOS, by language.
var macVoices = map[string]string{
	"en": "Samantha", "de": "Anna", "es": "Mónica", "fr": "Thomas", "it": "Alice", "nl": "Xander", "pl": "Zosia",
	"pt": "Joana", "pt-br": "Luciana",
}

func newVoices() []voice { return []voice{mac{talker{program: "say"}}} }

// mac is the voice that the user has set, where it is of the language in use,
// and else one of that language.
type mac struct{ talker }

func (m mac) say(ctx context.Context, text string) error {
	if !strings.HasPrefix(lang.System(), lang.Code()) {
		err := talker{m.program, []string{"-v", macVoices[voiceLanguage()]}}.say(ctx, text)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return m.talker.say(ctx, text)
}
