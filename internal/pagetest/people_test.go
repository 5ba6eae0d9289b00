//go:build linux

package pagetest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

// two starts a LibreLinkUp server with two people.
func two(t *testing.T) *libretest.Server {
	t.Helper()
	need(t)
	s := libretest.New(libretest.Options{
		Email: email, Password: password,
		People: []libretest.Person{
			{FirstName: "Robin", LastName: "Example", Source: libretest.Nothing}, {FirstName: "Sam", LastName: "Example", Source: libretest.Nothing},
		},
	})
	require.NoError(t, s.Start())
	t.Cleanup(s.Close)
	for _, id := range s.PersonIDs() {
		require.NoError(t, s.Push(id, libretest.Reading{MgDL: 118, Arrow: 3, Time: time.Now().Add(-10 * time.Second)}))
	}
	return s
}

// show has the program show another person, as its menu does.
func (b *tab) show(id string) {
	b.t.Helper()
	ok := eval[bool](b, `fetch("./api/action", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({kind: "follow", key: `+quote(id)+`})}).then(r => r.ok)`, chromedp.EvalAwaitPromise)
	require.True(b.t, ok)
}

// TestPastOfAnother holds that what is shown of one person's past goes when
// another is chosen elsewhere.
func TestPastOfAnother(t *testing.T) {
	t.Parallel()
	s := two(t)
	b := open(t, watch(t, s, true, 7))
	b.until("a current value", current)
	b.until("both of them", `fetch("./api/action", {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"kind":"refresh"}'})
		.then(() => fetch("./api/state")).then(r => r.json()).then(s => s.people.length === 2)`)
	b.show(s.PersonIDs()[0])
	b.reads("h1", "Robin Example")
	b.view("report")
	b.until("the figures", `document.querySelector("#report .figures")`)
	b.reads(".mini", "Robin Example: ")
	b.show(s.PersonIDs()[1])
	b.reads(".mini", "Sam Example: ")
	b.until("no figures of Robin", `!document.querySelector("#report .figures")`)
	b.reads("#report", "too few")
}

// TestOthersGrowOld holds that the values of those beside the person shown are
// not taken for the present either when nothing is heard any more.
func TestOthersGrowOld(t *testing.T) {
	t.Parallel()
	p := watch(t, two(t), true, 0)
	b := open(t, p)
	b.excuse(`ERR_|Failed to load resource`)
	b.until("the other's value", `/6\.6/.test(document.querySelector(".others li")?.innerText)`)
	p.kill()
	b.ahead(25 * time.Second)
	b.reads(".others li", "no current value")
}
