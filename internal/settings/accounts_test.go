package settings

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccounts(t *testing.T) {
	s, err := parse([]byte("[account]\nregion = \"ru\"\n[accounts.mum]\n[accounts.Dad_2]\nregion = \"cn\"\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"Dad_2", "mum"}, s.settings.AccountNames())
	require.Equal(t, "ru", s.settings.AccountOf("").Region)
	require.Equal(t, "cn", s.settings.AccountOf("Dad_2").Region)
	require.Equal(t, RegionAuto, s.settings.AccountOf("mum").Region, "not that of the first")
	require.True(t, s.settings.HasAccount(""))
	require.False(t, s.settings.HasAccount("dad_2"))
	text, err := Get(s.settings, "accounts.Dad_2.region")
	require.NoError(t, err)
	require.Equal(t, "cn", text)
}

func TestAccountsThatAreNotAllowed(t *testing.T) {
	for text, want := range map[string]string{
		"[accounts.\"mum's\"]\n":                  `an account cannot be called "mum's": use letters, digits, - and _`,
		"[accounts.\"../mum\"]\n":                 `an account cannot be called "../mum"`,
		"[accounts.\"\"]\n":                       `an account cannot be called ""`,
		"[accounts.first]\n":                      `no account can be called "first": that is the one of [account]`,
		"[accounts.mum]\n[accounts.Mum]\n":        "has the same name: one of the two must go",
		"[accounts.mum]\nregion = \"mars\"\n":     `"mars" is not allowed: use "auto", "ru" or "cn"`,
		"[accounts.mum]\npassword = \"x\"\n":      "there is no such setting",
		"[accounts.mum.alarms.low]\nlimit = 80\n": "there is no such section",
		"[[accounts.mum]]\nregion = \"ru\"\n":     "there is no such section",
		"[acounts.mum]\n":                         "did you mean [accounts.mum]?",
		"[accounts.mum]\nregoin = \"ru\"\n":       `did you mean accounts.mum.region`,
	} {
		_, err := parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestAddAndRemoveAnAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	own := "# mine\nunit = \"mg/dL\"\n\n[display]\nlabel = false # no\n"
	require.NoError(t, os.WriteFile(path, []byte(own), 0o600))
	require.NoError(t, AddAccount(path, "mum"))
	require.NoError(t, AddAccount(path, "mum"), "it is there")
	require.NoError(t, AddAccount(path, "dad"))
	s, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, []string{"dad", "mum"}, s.AccountNames())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(raw), "# llutray login --account mum\n[accounts.mum]\n")
	require.ErrorContains(t, AddAccount(path, "a b"), "cannot be called")
	require.ErrorContains(t, AddAccount(path, "MUM"), "one of the two must go")

	require.NoError(t, Set(path, "accounts.dad.region", "ru"))
	require.NoError(t, RemoveAccount(path, "mum"))
	require.NoError(t, RemoveAccount(path, "mum"), "it is gone")
	s, err = Load(path)
	require.NoError(t, err)
	require.Equal(t, []string{"dad"}, s.AccountNames())
	require.Equal(t, "ru", s.AccountOf("dad").Region)
	require.NoError(t, RemoveAccount(path, "dad"))
	raw, err = os.ReadFile(path)
	require.NoError(t, err)
	s, err = Load(path)
	require.NoError(t, err)
	require.Nil(t, s.Accounts)
	require.Contains(t, string(raw), own, "all else as it was")
	require.NotContains(t, string(raw), "accounts")
}

func TestSessionFilesOfAccounts(t *testing.T) {
	p := PathsUnder("x")
	require.Equal(t, p.Session, p.SessionOf(""))
	require.Equal(t, "session-mum.json", filepath.Base(p.SessionOf("mum")))
}
