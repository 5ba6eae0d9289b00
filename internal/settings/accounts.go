package settings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

// FirstAccount is what the account is called that has no name of its own, where
// there are others beside it: that of [account].
const FirstAccount = "first"

// NamedAccount is another LibreLinkUp account that is followed beside the first
// one.
type NamedAccount struct {
	Name string // of its section: [accounts.NAME]
	Account
}

// CheckAccountName tells what is wrong with a name for an account.
func CheckAccountName(name string) error {
	switch {
	case !goodName(name):
		return lang.E("an account cannot be called %s: use letters, digits, - and _, at most %d of them", quote(name), mostName)
	case strings.EqualFold(name, FirstAccount):
		return lang.E("no account can be called %s: that is the one of [account]", quote(name))
	}
	return nil
}

// HasAccount reports whether there is an account of that name; "" is the first
// one, which is always there.
func (s Settings) HasAccount(name string) bool {
	return name == "" || slices.ContainsFunc(s.Accounts, func(a NamedAccount) bool { return a.Name == name })
}

// AccountNames are the names of the accounts beside the first.
func (s Settings) AccountNames() (out []string) {
	for _, a := range s.Accounts {
		out = append(out, a.Name)
	}
	return out
}

// AccountOf is the account of a name; that of "" is the first one.
func (s Settings) AccountOf(name string) Account {
	for _, a := range s.Accounts {
		if a.Name == name {
			return a.Account
		}
	}
	return s.Account
}

// account returns the account of that name to be read or changed; a missing one
// is added by name. Other copies of the settings keep theirs.
func (s *Settings) account(name string) *Account {
	s.Accounts = slices.Clone(s.Accounts)
	at, found := slices.BinarySearchFunc(s.Accounts, name, func(a NamedAccount, name string) int { return cmp.Compare(a.Name, name) })
	if !found {
		s.Accounts = slices.Insert(s.Accounts, at, NamedAccount{Name: name})
	}
	return &s.Accounts[at].Account
}

// checkAccounts finds names that files and keyrings may not tell apart.
func (s Settings) checkAccounts() (name string, err error) {
	for i, a := range s.Accounts {
		for _, b := range s.Accounts[:i] {
			if strings.EqualFold(a.Name, b.Name) {
				return "accounts." + a.Name + ".region", lang.E("[accounts.%s] has the same name: one of the two must go", b.Name)
			}
		}
	}
	return "", nil
}

// accountKeys are the keys of one account beside the first.
func accountKeys(account string) []key {
	k := regionKey("accounts."+account+".region", func(s *Settings) *string { return &s.account(account).Region })
	k.standard = k.text(Settings{})
	k.set = func(s Settings) bool { return account != "" && s.HasAccount(account) }
	return []key{k}
}

func regionKey(name string, field func(*Settings) *string) key {
	return word(name, lang.Mark("Where the LibreLinkUp account lives. Only Russia (\"ru\") and China (\"cn\") must be\ntold; \"auto\" asks the service."), field,
		pair[string]{"auto", RegionAuto}, pair[string]{"ru", "ru"}, pair[string]{"cn", "cn"})
}

// AddAccount makes the section of an account, if it is missing.
func AddAccount(path, name string) error {
	if err := CheckAccountName(name); err != nil {
		return &Error{Key: "accounts", Message: err.Error()}
	}
	return change(path, func(s *Settings) error {
		s.account(name)
		if key, err := s.check(); err != nil {
			return &Error{Key: key, Message: err.Error()}
		}
		return nil
	})
}

// RemoveAccount takes the section of an account out of the file, as RemoveRelay
// does with that of a relay.
func RemoveAccount(path, name string) error {
	return remove(path, "accounts."+name, func(s *Settings) {
		s.Accounts = slices.DeleteFunc(s.Accounts, func(a NamedAccount) bool { return a.Name == name })
		if len(s.Accounts) == 0 {
			s.Accounts = nil // as in a file without any
		}
	})
}
