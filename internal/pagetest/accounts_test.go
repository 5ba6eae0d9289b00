//go:build linux

package pagetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSeveralAccounts signs in to the two accounts that the settings have and out
// of one again. With one account the page says nothing of accounts.
func TestSeveralAccounts(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 97, 3, 30*time.Second)
	p := watch(t, s, false, 0)
	b := open(t, p)
	b.excuse(`422`) // the browser's word for a sign-in that is refused
	b.reads("h1", "Sign in")
	require.NotContains(t, b.text(".form"), "Which account")
	b.write("#email", email)
	b.write("#password", password)
	b.click(".form", "Sign in")
	b.keepInFile()
	b.reads(".after h2", "You are signed in")
	b.view("settings")
	b.reads("#settings", "Signed in at LibreLinkUp.")

	// One more wants a name, and an account of its own.
	b.click(`[data-focus="another"]`)
	b.reads("h1", "Sign in")
	b.write("#email", email)
	b.write("#password", password)
	b.click(".form", "Sign in")
	b.reads(".error", "Write a name for the account, such as mum.")
	b.write("#account-name", "mum")
	b.click(".form", "Sign in")
	b.reads(".error", `is that of the account "first", which is followed already`)
	b.wellFormed("a sign-in to one more account")
	b.view("settings")
	b.click(`[data-focus="signin"]`)
	b.reads("h1", "Sign in")
	require.NotContains(t, b.text(".form"), "A name for it")
	b.view("settings")

	path := filepath.Join(p.dir, "config", "llutray", "settings.toml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, "\n[accounts.mum]\n"...), 0o600))
	b.reads("#settings", "First account")
	b.reads("#settings", "Followed: Robin Example.")
	b.reads("#settings", "Account mum")
	b.reads("#settings", "Nobody is signed in.")
	b.wellFormed("two accounts")
	b.shot("accounts-1280-light")

	// The same account is not followed twice; its name is chosen already.
	b.click(`[data-focus="signin mum"]`)
	b.reads("h1", "Sign in")
	require.Equal(t, "mum", eval[string](b, "document.getElementById('account').value"))
	b.write("#email", email)
	b.write("#password", password)
	b.click(".form", "Sign in")
	b.reads(".error", `is that of the account "first", which is followed already`)
	b.wellFormed("a sign-in to one of several accounts")
	b.shot("accounts-sign-in-1280-light")
	require.Equal(t, 1, s.SignIns())

	b.view("settings")
	b.click(`[data-focus="signout first"]`)
	b.reads("#settings", "No alarm comes any more then for: Robin Example.")
	b.click("#settings", "Yes, sign out")
	b.reads("#settings", "Nobody is signed in.")
}
