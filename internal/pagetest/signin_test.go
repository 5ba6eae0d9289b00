//go:build linux

package pagetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFirstSignIn goes the way of somebody who has just installed llutray,
// from the first page to the first value, with everything in between that can
// go wrong: a mistyped password, a desktop without a keyring, new terms.
func TestFirstSignIn(t *testing.T) {
	t.Parallel()
	s := service(t, "terms_and_privacy")
	push(t, s, 97, 3, 30*time.Second)
	p := watch(t, s, false, 0)
	b := open(t, p)
	b.excuse(`422`) // the browser's word for a refused password

	b.reads("h1", "Sign in")
	require.Equal(t, "#signin", eval[string](b, "location.hash"), "the first thing to do is not the first thing shown")

	b.click(".form", "Sign in")
	b.reads(".error", "Write the whole e-mail address")
	require.Zero(t, s.SignIns(), "an empty form was sent")

	b.write("#email", email)
	b.write("#password", "a slip of the fingers")
	b.click(".form", "Show")
	require.Equal(t, "text", eval[string](b, "document.getElementById('password').type"))
	b.click(".form", "Show")
	b.click(".form", "Sign in")
	b.until("the question", `document.querySelector(".after h2")`)
	b.wellFormed("the question about a file")
	b.keepInFile()
	b.reads(".error", "refuses the e-mail address or the password")
	require.NotContains(t, b.text(".error"), "llutray login", "a command for the terminal, beside the form that does it")
	require.Equal(t, 1, s.SignIns())
	b.wellFormed("a refused password")
	require.True(t, eval[bool](b, "document.activeElement.id === 'password' && document.activeElement.ariaInvalid === 'true'"), "the password's field is not where the correction begins")

	b.write("#password", password)
	b.click(".form", "Sign in")
	b.keepInFile()
	for _, title := range []string{"terms of use", "privacy policy"} {
		b.until("the "+title, `document.querySelector(".after h2")?.innerText.toLowerCase().includes(`+quote(title)+`)`)
		b.wellFormed(title)
		b.click(".after", "Accept")
		b.reads(".after .error", "Tick the box first")
		b.click(".after", "I have read and accept the "+b.legal()+" of LibreLinkUp")
		b.click(".after", "Accept")
	}
	b.reads(".after h2", "You are signed in")
	assert.Contains(t, b.text(".after"), "Robin Example")
	assert.Empty(t, eval[string](b, "document.getElementById('password').value"), "the password stays in the page")
	b.shot("signed-in-1280-light")
	b.wellFormed("signed in")
	info, err := os.Stat(filepath.Join(p.dir, "data", "llutray", "secrets.json"))
	require.NoError(t, err, "the consent to a file was not taken")
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	b.click(".after", "Send a test alarm")
	b.until("word of the test alarm", `document.querySelector(".after .note:not(:empty)")`)
	b.click(".after", "Show me the value")
	b.until("the first value", `document.querySelector(".plate .number")?.textContent === "97" || document.querySelector(".plate .number")?.textContent === "5.4"`)
	b.reads(".meaning", "In range, steady")
}

// TestSignInToNobody is signed in to an account that nobody shares with yet: the
// page says which of the usual mistakes it may be, and sees the first value by
// itself.
func TestSignInToNobody(t *testing.T) {
	t.Parallel()
	for scenario, says := range map[string][]string{
		"empty_connections": {"Nobody shares glucose with this account", "Accept the invitation", "the account of the phone with the sensor"},
		"invited":           {"invitation to follow somebody waits", "with this same account"},
	} {
		s := service(t, scenario)
		push(t, s, 97, 3, 30*time.Second)
		b := open(t, watch(t, s, false, 0))
		b.reads("h1", "Sign in")
		b.write("#email", email)
		b.write("#password", password)
		b.click(".form", "Sign in")
		b.keepInFile()
		b.reads(".after h2", "one thing is missing")
		for _, text := range says {
			b.reads(".after", text)
		}
		b.wellFormed("signed in to nobody")
		b.shot("nobody-" + scenario + "-1280-light")
		require.NoError(t, s.SetScenario("ok"))
		b.until("whoever shares at last, once llutray may ask again", `(again => { again.click(); return again.parentElement.hidden; })([...document.querySelectorAll(".after button")].find(x => x.innerText === "Done, look again"))`)
		b.reads(".after [role=status]", "Robin Example shares with you now")
		b.click(".after", "Show me the value")
		b.reads(".meaning", "In range, steady")
	}
}

// legal is the name of the legal text that is asked for.
func (b *tab) legal() string {
	return eval[string](b, `document.querySelector(".after h2").innerText.replace("LibreLinkUp asks you to accept its ", "")`)
}

// keepInFile agrees to a file for want of a keyring, if it is asked.
func (b *tab) keepInFile() {
	b.t.Helper()
	b.until("an answer", `document.querySelector(".after h2") || document.querySelector(".error p")`)
	if eval[bool](b, `document.querySelector(".after h2")?.innerText === "Where the password is kept"`) {
		b.click(".after", "Keep the password in a file that only I can read")
		b.click(".after", "Go on")
		b.until("the next step", `document.querySelector(".after h2")?.innerText !== "Where the password is kept"`)
	}
}

// TestSignOut asks before it ends the alarms, and leads back to the sign-in.
func TestSignOut(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 97, 3, 30*time.Second)
	p := watch(t, s, false, 0)
	b := open(t, p)
	b.reads("h1", "Sign in")
	b.write("#email", email)
	b.write("#password", password)
	b.click(".form", "Sign in")
	b.keepInFile()
	b.reads(".after h2", "You are signed in")
	b.view("settings")
	b.click("#settings", "Sign out")
	b.reads("#settings", "No alarm comes any more then. Sign out?")
	b.click("#settings", "No")
	b.click("#settings", "Sign out")
	b.click("#settings", "Yes, sign out")
	b.reads("#settings", "Nobody is signed in.")
	secrets, err := os.ReadFile(filepath.Join(p.dir, "data", "llutray", "secrets.json"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
		require.NotContains(t, string(secrets), email)
	}
}

// TestPeople follows somebody else of those who share.
func TestPeople(t *testing.T) {
	t.Parallel()
	s := service(t, "two_people")
	push(t, s, 97, 3, 30*time.Second)
	b := open(t, watch(t, s, true, 0))
	b.reads(".others", "Robin Sample")
	b.reads("#now h1", "Robin Example")
	b.click(".others", "Show")
	b.reads("#now h1", "Robin Sample")
	b.reads(".others", "Robin Example")
	b.view("settings")
	b.click("#settings fieldset", "Robin Example")
	b.until("the other to be followed", `fetch("./api/state").then(r => r.json()).then(s => s.person.name.startsWith("Robin E"))`)
	b.view("now")
	b.reads("#now h1", "Robin Example")
	b.shot("people-1280-light")
}
