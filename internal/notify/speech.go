package notify

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/llutray/llutray/internal/lang"
)

// ErrNoVoice says that nothing on this computer can speak.
var ErrNoVoice error = noVoice

const (
	// speechTimeout bounds what is said, a voice that starts its service
	// included. A sentence of ours takes four seconds.
	speechTimeout = 20 * time.Second
	// maxSpoken in characters. A name can't make a speech.
	maxSpoken = 200
)

// voice is one way of speaking. It is given text that speakable has passed.
type voice interface {
	name() string
	present() bool
	say(ctx context.Context, text string) error
}

// Speaker says short sentences aloud. Its methods may be called from several
// goroutines; what is said is said one after the other.
type Speaker struct {
	log    *slog.Logger
	voices []voice
	turn   sync.Mutex
}

// NewSpeaker returns a Speaker. It touches nothing until it is used.
func NewSpeaker(log *slog.Logger) *Speaker {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Speaker{log: log, voices: newVoices()}
}

// Available names what would speak, false if there is nothing.
func (s *Speaker) Available() (string, bool) {
	for _, v := range s.voices {
		if v.present() {
			return v.name(), true
		}
	}
	return "", false
}

// Say says text and returns when it was said, or when it took too long. It may
// take seconds.
func (s *Speaker) Say(ctx context.Context, text string) error {
	text = speakable(text)
	if text == "" {
		return nil
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, speechTimeout)
	defer cancel()
	failed := ErrNoVoice
	for _, v := range s.voices {
		if !v.present() {
			continue
		}
		err := v.say(ctx, text)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return lang.E("%s did not end in time", v.name())
		}
		s.log.Debug("a voice failed", "voice", v.name(), "err", err)
		failed = lang.E("%s could not speak: %w", v.name(), err)
	}
	return failed
}

// speakable keeps letters, digits and what makes a pause. Voices take more for
// orders: tags, [[phonemes]], \commands\.
func speakable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune(" .,:;!?'%", r):
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > maxSpoken {
		text = string(r[:maxSpoken])
	}
	return text
}

// voiceLanguage is the language in use as voices are called by, "de" or
// "pt-br". Of other regions there may be no voice.
func voiceLanguage() string {
	if lang.Locale() == "pt-BR" {
		return "pt-br"
	}
	return lang.Code()
}

// speaks reports whether a voice with these languages, as Windows lists them
// ("409;9"), has one that is wanted.
func speaks(has string, wanted []string) bool {
	for id := range strings.SplitSeq(strings.ToUpper(has), ";") {
		if slices.Contains(wanted, strings.TrimLeft(strings.TrimSpace(id), "0")) {
			return true
		}
	}
	return false
}
