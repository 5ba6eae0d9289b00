package page

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

type speech struct {
	Code, Locale, Point string
	Twelve              bool
	Texts               map[string][]string
}

func (r *rig) speech() (s speech) {
	r.Helper()
	status, body := r.get("/assets/texts.js")
	require.Equal(r, 200, status)
	text, found := strings.CutPrefix(body, "export default ")
	require.True(r, found)
	require.NoError(r, json.Unmarshal([]byte(strings.TrimSuffix(text, ";\n")), &s))
	return s
}

func TestTextsInEnglish(t *testing.T) {
	require.Equal(t, speech{"en", "en", ".", false, map[string][]string{}}, start(t, Options{}).speech())
	require.Equal(t, string(files["/"].text), string(inLanguage(files["/"].text)))
}

// TestTexts: the page is told every text of its scripts, and none of others.
func TestTexts(t *testing.T) {
	r := start(t, Options{})
	require.Equal(t, "en", ok[State](r, "/api/state").Lang)
	defer lang.Pretend(langtest.Masked)()
	s := r.speech()
	require.Equal(t, ",", s.Point)
	require.Equal(t, "de", ok[State](r, "/api/state").Lang, "so that the page loads itself again")
	require.Equal(t, []string{langtest.Masked("Now")}, s.Texts["Now"])
	require.Equal(t, []string{langtest.Masked("on")}, s.Texts["switch|on"])
	require.NotContains(t, s.Texts, "Quit")
	all := 0
	for name, f := range files {
		// As internal/lang/gather finds them.
		for _, m := range regexp.MustCompile(`\b(?:t\(|n\([^"\n]*?,\s*"(?:[^"\\\n]|\\.)*",)\s*("(?:[^"\\\n]|\\.)*")`).FindAllSubmatch(f.text, -1) {
			key, err := strconv.Unquote(string(m[1]))
			require.NoError(t, err)
			require.Contains(t, s.Texts, key, name)
			all++
		}
	}
	require.Greater(t, all, 300)

	_, body := r.get("/")
	require.Contains(t, body, `<html lang="de">`)
	visible := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")
	require.Empty(t, langtest.Bare(visible))
	require.NotRegexp(t, `(aria-label|title|placeholder)="`, body, "it has no place for a translation")
}

// TestAnswersInOtherLanguage: no word of English is in what the page is told,
// but for what the program behind it says.
func TestAnswersInOtherLanguage(t *testing.T) {
	r := start(t, Options{})
	defer lang.Pretend(langtest.Masked)()
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, path := range []string{"/api/trace", "/api/days?days=2", "/api/night", "/api/stats", "/api/stats?days=7", "/report"} {
		status, body := r.get(path)
		require.Equal(t, 200, status)
		var told []string
		if strings.HasPrefix(path, "/api/") {
			var v any
			require.NoError(t, json.Unmarshal([]byte(body), &v))
			told = strs(v)
		} else {
			_, body, _ = strings.Cut(body, "</style>")
			told = []string{body}
		}
		for _, text := range told {
			text = tags.ReplaceAllString(text, " ")
			require.Empty(t, langtest.Bare(text, "Last night: 5.6 to 5.6, no alarms, no gaps", "first time", "seen", "Low"), "%s: %s", path, text)
		}
	}
	for _, path := range []string{"/nowhere", "/api/trace?hours=x"} {
		_, body := r.get(path)
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(body), &p))
		require.Empty(t, langtest.Bare(p.Message+" "+p.Hint), path)
	}
	require.Empty(t, langtest.Bare(ErrClosed.Error()+" "+openAgain()))
}

// strs are the texts in an answer that are not those of keys, kinds and times.
func strs(v any) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			out = append(out, strs(x)...)
		}
	case map[string]any:
		for key, x := range v {
			switch key {
			case "t", "from", "to", "time", "kind", "level", "range", "trend", "origin", "date":
				continue
			}
			out = append(out, strs(x)...)
		}
	case string:
		out = append(out, v)
	}
	return out
}
