package settings

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Personal is what the user decided about one person who shares with the
// account.
type Personal struct {
	Section string // the name of its section: [people.SECTION]
	ID      string // the service's; "" goes by the section's name, see Identify
	Name    string // as the user calls them; "" for the service's name
	Order   int    // 1 comes first; 0 after all that have a number
	Follow  bool   // false: no alarms, and no place in the icon
	own     []own  // what differs from everybody's settings, by key
}

// own is one setting of a person's own, as people type it and with limits in
// mg/dL.
type own struct{ key, text string }

func (p Personal) find(name string) int {
	return slices.IndexFunc(p.own, func(o own) bool { return o.key == name })
}

// The sections that may differ for one person.
func differs(name string) bool {
	return strings.HasPrefix(name, "alarms.") || strings.HasPrefix(name, "limits.") || strings.HasPrefix(name, "quiet.")
}

func (s Settings) personIn(section string) (Personal, bool) {
	if i := slices.IndexFunc(s.People, func(p Personal) bool { return p.Section == section }); i >= 0 {
		return s.People[i], true
	}
	return Personal{Section: section, Follow: true}, false
}

// person returns what is set of one person, to be read or changed; a missing
// section is added in the order of the names. Other copies of the settings
// keep theirs.
func (s *Settings) person(section string) *Personal {
	s.People = slices.Clone(s.People)
	at, found := slices.BinarySearchFunc(s.People, section, func(p Personal, name string) int { return cmp.Compare(p.Section, name) })
	if !found {
		p, _ := s.personIn(section)
		s.People = slices.Insert(s.People, at, p)
	}
	return &s.People[at]
}

// put sets one setting of a person's own.
func (p *Personal) put(name, text string) {
	p.own = slices.Clone(p.own)
	at, found := slices.BinarySearchFunc(p.own, name, func(o own, name string) int { return cmp.Compare(o.key, name) })
	if !found {
		p.own = slices.Insert(p.own, at, own{})
	}
	p.own[at] = own{name, text}
}

// Personal returns what is set of a person, by the service's ID.
func (s Settings) Personal(personID string) Personal {
	if i := slices.IndexFunc(s.People, func(p Personal) bool { return p.ID == personID && personID != "" }); i >= 0 {
		return s.People[i]
	}
	return Personal{ID: personID, Follow: true}
}

// For returns the settings as they hold for one person: everybody's, with
// what differs for them. Whom a section without an ID is about, Identify must
// have settled before.
func (s Settings) For(personID string) Settings { return s.with(s.Personal(personID)) }

// with puts a person's own settings in force.
func (s Settings) with(p Personal) Settings {
	for _, o := range p.own {
		k, ok := find(o.key)
		if !ok || k.read(&s, o.text) != nil {
			continue // cannot be: it was read when it was set
		}
	}
	return s
}

// Call is what to call a person: by the user's own name, else the service's.
func (s Settings) Call(who glucose.Person) string {
	return cmp.Or(s.Personal(who.ID).Name, who.Name)
}

// Means reports whether a name or ID that the user typed is this person: the
// ID, the user's name, the service's full or first one, or the section's.
func (s Settings) Means(who glucose.Person, typed string) bool {
	p := s.Personal(who.ID)
	return who.ID == typed || sameName(who.Name, typed) || sameName(p.Name, typed) || sameName(p.Section, typed)
}

// Identify gives each section without an ID the ID of the one person whose
// full or first name is that of the section. The others stay without.
func (s Settings) Identify(people []glucose.Person) Settings {
	s = s.clone()
	for i := range s.People {
		p := &s.People[i]
		if p.ID != "" {
			continue
		}
		var fit []string
		for _, who := range people {
			if who.ID == p.Section || sameName(who.Name, p.Section) || sameName(who.Name, p.Name) {
				fit = append(fit, who.ID)
			}
		}
		if len(fit) == 1 && s.Personal(fit[0]).Section == "" {
			p.ID = fit[0]
		}
	}
	return s
}

// sameName reports whether a name of the service is the full or first one
// that the user wrote. A section's name holds no spaces: "Emma-Lou" and
// "emma_lou" are "Emma Lou".
func sameName(full, name string) bool {
	plain := strings.NewReplacer("-", " ", "_", " ").Replace
	full, name = plain(strings.TrimSpace(full)), plain(strings.TrimSpace(name))
	first, _, _ := strings.Cut(full, " ")
	return name != "" && (strings.EqualFold(full, name) || strings.EqualFold(first, name))
}

// KeyFor is the key under which a setting is changed for one person: of their
// own where they have it, else everybody's.
func (s Settings) KeyFor(personID, name string) string {
	if p := s.Personal(personID); p.find(name) >= 0 {
		return "people." + p.Section + "." + name
	}
	return name
}

// checkPeople tells what does not fit together for one person.
func (s Settings) checkPeople() (name string, err error) {
	seen := map[string]string{}
	for _, p := range s.People {
		prefix := "people." + p.Section + "."
		if other, twice := seen[p.ID]; twice && p.ID != "" {
			return prefix + "id", lang.E("[people.%s] has the same id: one of the two must go", other)
		}
		seen[p.ID] = p.Section
		if name, err := s.with(p).checkRules(); err != nil {
			return prefix + name, err
		}
	}
	return "", nil
}

// asForEveryone is the default of a person's own settings, in the file.
const asForEveryone = "as for everyone"

// personKeys are the keys that every section of a person has.
func personKeys(section string) []key {
	name := "people." + section + "."
	p := func(s *Settings) *Personal { return s.person(section) }
	out := []key{
		text(name+"id", lang.Mark("Who it is: their id, as llutray status --format json prints it. Empty for the one\nwhose name at the service, or first name, is the name of this section."), func(s *Settings) *string { return &p(s).ID }),
		text(name+"name", lang.Mark("What to call them. Empty for the name at the service."), func(s *Settings) *string { return &p(s).Name }),
		number(name+"order", lang.Mark("Their place among the others: 1 comes first; 0 for after those, by name."), func(s *Settings) *int { return &p(s).Order }, 0, 99),
		flag(name+"follow", lang.Mark("Follow them at all: false raises no alarm of any kind for them."), func(s *Settings) *bool { return &p(s).Follow }),
	}
	for i := range out {
		out[i].standard = out[i].text(Settings{})
		out[i].set = func(s Settings) bool { _, ok := s.personIn(section); return ok }
	}
	return out
}

// ownKey is a key of everybody's as it is set for one person alone.
func ownKey(section string, k key) key {
	of := k
	of.name, of.standard = "people."+section+"."+k.name, asForEveryone
	theirs := func(s Settings) Settings {
		p, _ := s.personIn(section)
		return s.with(p)
	}
	of.read = func(s *Settings, value any) error {
		t := theirs(*s)
		if err := k.read(&t, value); err != nil {
			return err
		}
		t.Unit = glucose.MgPerDL
		s.person(section).put(k.name, k.text(t))
		if parts := strings.Split(k.name, "."); parts[0] == "quiet" && !s.hasWindow(parts[1]) {
			// A window that only they have says when it is.
			for _, k := range ownWindowKeys(parts[1])[1:3] {
				s.person(section).put(k.name, k.text(t))
			}
		}
		return nil
	}
	of.text = func(s Settings) string { return k.text(theirs(s)) }
	of.set = func(s Settings) bool { p, _ := s.personIn(section); return p.find(k.name) >= 0 }
	return of
}

// keysOf lists every key that the settings have: everybody's, those of
// windows that the user named, and those of people.
func keysOf(s Settings) []key {
	out := slices.Clone(keys)
	for _, q := range s.Quiet[min(len(Default().Quiet), len(s.Quiet)):] {
		out = append(out, ownWindowKeys(q.Name)...)
	}
	for _, r := range s.Relays {
		out = append(out, relayKeys(r.Name)...)
	}
	for _, a := range s.Accounts {
		out = append(out, accountKeys(a.Name)...)
	}
	for _, p := range s.People {
		out = append(out, personKeys(p.Section)...)
		for _, o := range p.own {
			if k, ok := find(o.key); ok {
				out = append(out, ownKey(p.Section, k))
			}
		}
	}
	return out
}

// findNamed returns a key of a section that the user named.
func findNamed(name string) (key, bool) {
	parts := strings.SplitN(name, ".", 3)
	if len(parts) < 3 || !goodName(parts[1]) {
		return key{}, false
	}
	section, rest := parts[1], parts[2]
	var among []key
	switch parts[0] {
	case "quiet":
		among = ownWindowKeys(section)
	case "relays":
		among = relayKeys(section)
	case "accounts":
		if CheckAccountName(section) != nil {
			return key{}, false
		}
		among = accountKeys(section)
	case "people":
		if differs(rest) {
			k, ok := find(rest)
			return ownKey(section, k), ok
		}
		among = personKeys(section)
	}
	if i := slices.IndexFunc(among, func(k key) bool { return k.name == name }); i >= 0 {
		return among[i], true
	}
	return key{}, false
}

// goodName reports whether a section may be called so: letters of any
// language, digits, - and _.
func goodName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= mostName &&
		!strings.ContainsFunc(name, func(r rune) bool { return !inName(r) })
}

// mostName is how many letters the name of a section may have.
const mostName = 32

// number is a key that is a whole number within bounds.
func number(name, doc string, field func(*Settings) *int, least, most int) key {
	allowed := phrase{lang.Mark("%d to %d"), []any{least, most}}
	return key{
		name: name, doc: phrase{text: doc}, typ: "number", allowed: allowed,
		read: func(s *Settings, value any) error {
			n := least - 1
			switch v := value.(type) {
			case int64:
				n = int(max(int64(least)-1, min(v, int64(most)+1)))
			case string:
				if i, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
					n = i
				}
			}
			if n < least || n > most {
				return lang.E("%s is not allowed: use %s", shown(value), allowed)
			}
			*field(s) = n
			return nil
		},
		text: func(s Settings) string { return strconv.Itoa(*field(&s)) },
		bare: func(string) bool { return true },
	}
}
