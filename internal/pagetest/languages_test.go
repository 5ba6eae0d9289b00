//go:build linux

package pagetest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

// sentence is what no two languages have in common by chance.
var sentence = regexp.MustCompile(`\pL{2,}[^\pL]+\pL{2,}[^\pL]+\pL{2,}`)

// sheet is a page in a PDF.
var sheet = regexp.MustCompile(`/Type\s*/Page\b`)

// TestLanguages walks the page of the real program in each language: nothing is
// wider than the window, no letter of a picture is cut off, no sentence is the
// one of English, and the report has as many sheets as in English.
func TestLanguages(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	p := watch(t, s, true, 16)
	english := map[string]bool{}
	for _, l := range lang.Languages {
		t.Run(l.Code, func(t *testing.T) {
			require.NoError(t, p.command("settings", "set", "display.language", l.Code).Run())
			b := open(t, p)
			b.until("the page in "+l.Name, `document.documentElement.lang === `+quote(l.Code))
			b.until("a current value", current)
			for _, view := range slices.Sorted(maps.Keys(ready)) {
				b.wide(1280)
				b.view(view)
				b.until("all of it", ready[view])
				for _, width := range []int64{1280, 320} {
					b.wide(width)
					b.until("pictures for this width", drawn)
					assert.Empty(t, eval[[]string](b, tooWide), "%s at %d px is wider than the window", view, width)
					assert.Empty(t, eval[[]string](b, cut), "%s at %d px", view, width)
					b.shot(fmt.Sprintf("%s-%s-%d", l.Code, view, width))
				}
				if view == "alarms" {
					const limits = `[...document.querySelectorAll("#alarms input[type=range]")].map(e => e.value).join(" ")`
					assert.Equal(t, "3 3.9 13.9", eval[string](b, limits), "the limits in force")
				}
				for _, text := range eval[[]string](b, told) {
					switch {
					case !sentence.MatchString(text):
					case l.Code == lang.English:
						english[text] = true
					default:
						assert.False(t, english[text], "%s: %s", view, text)
					}
				}
			}
			address := eval[string](b, `new URL("report?days=14", location.href).href`)
			b.do(chromedp.Navigate(address))
			b.until("the report", `document.documentElement.lang === `+quote(l.Code)+` && document.querySelector(".days svg")`)
			for paper, inches := range map[string][2]float64{"A4": {8.27, 11.69}, "Letter": {8.5, 11}} {
				pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: inches[0], PaperHeight: inches[1]})
				require.NoError(t, err)
				assert.Len(t, sheet.FindAllString(string(pdf.Data), -1), 3, "one sheet of figures and two of days on %s", paper)
			}
		})
	}
}
