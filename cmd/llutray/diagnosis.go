package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/packaging"
)

// writeDiagnosis writes what helps others to find out what is wrong, as text
// that a person can read before they send it. What is in it was chosen; beyond
// that, everything personal that the program knows is struck out of it. Its own
// words are English, for whoever helps; the findings are as the user sees them.
func writeDiagnosis(ctx context.Context, w io.Writer, paths settings.Paths, findings []finding, took time.Duration) error {
	var b bytes.Buffer
	section := func(title string) { fmt.Fprintf(&b, "\n== %s\n", title) }
	b.WriteString("Report of llutray. It holds no names, addresses, passwords or glucose values.\n")
	section("Program")
	fmt.Fprintf(&b, "llutray %s, commit %s, %s %s/%s\n", packaging.Version, commitOf(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&b, "written %s, zone %s\n", time.Now().UTC().Format(time.RFC3339), time.Now().Format("-07:00"))
	fmt.Fprintf(&b, "language %s\n", lang.Locale())
	section("System")
	fmt.Fprintf(&b, "%s, %d processors\n", systemName(), runtime.NumCPU())
	for _, name := range []string{"XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "LANG"} {
		fmt.Fprintf(&b, "%s=%s\n", name, os.Getenv(name))
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "LLUTRAY_SERVER", "HTTPS_PROXY"} {
		fmt.Fprintf(&b, "%s is set: %v\n", name, os.Getenv(name) != "")
	}
	section("Check")
	fmt.Fprintf(&b, "took %v\n", took.Round(time.Millisecond))
	for _, f := range findings {
		text := f.text
		switch {
		case f.code == exitStale && f.what == "freshness":
			text = lang.T("the newest reading is old") // the rest quotes the value
		case f.what == "proxy":
			text = lang.T("there is one") // its name may be an employer's
		case f.what == "trouble":
			text = lang.T("there is one, which may quote names") // of people and relays
		}
		fmt.Fprintf(&b, "%-5v %-13s %s\n", f.ok, f.what, text)
	}
	section("Settings")
	set, err := settings.Load(paths.Settings)
	if err != nil {
		b.WriteString("the file is not in force; what it says is left out\n")
		set = settings.Default()
	}
	b.WriteString(chosenSettings(set))
	section("Readings of the last day")
	people := describeHistory(ctx, &b, paths, set)
	section("Log, its end")
	b.Write(logTail(paths.Log))
	_, err = io.WriteString(w, newScrub(ctx, paths, set, people).text(b.String()))
	return err
}

// systemName is the system as it calls itself.
func systemName() string {
	text, _ := os.ReadFile("/etc/os-release") // only Linux has it
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(strings.TrimSpace(name), `"`)
		}
	}
	return runtime.GOOS
}

// tellable are the groups of settings whose values say nothing of a person.
// What is new is left out until it is listed.
var tellable = []string{"unit", "display", "limits", "alarms", "quiet", "privacy", "power", "account", "log"}

// chosenSettings are those that differ from the standard. Sections that the
// user has named, for people and quiet times, are counted only.
func chosenSettings(set settings.Settings) string {
	var b strings.Builder
	same := 0
	for _, k := range settings.Default().Keys() {
		group, _, _ := strings.Cut(k.Key, ".")
		if !slices.Contains(tellable, group) {
			continue
		}
		standard, _ := settings.Get(settings.Default(), k.Key)
		value, err := settings.Get(set, k.Key)
		if err != nil || value == standard {
			same++
			continue
		}
		fmt.Fprintf(&b, "%s = %s\n", k.Key, value)
	}
	fmt.Fprintf(&b, "%d others as they come; %d people with settings of their own, %d quiet times\n", same, len(set.People), len(set.Quiet))
	return b.String()
}

// describeHistory tells how readings came, by person without their name, and
// the fault that stands. It returns who there is, for what must be struck out.
func describeHistory(ctx context.Context, w io.Writer, paths settings.Paths, set settings.Settings) []glucose.Person {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	store, err := history.OpenReadOnly(paths.History)
	if err != nil {
		if errors.Is(err, history.ErrNoHistory) {
			say("nothing is stored")
		} else {
			say("the history can't be read")
		}
		return nil
	}
	defer func() { _ = store.Close() }()
	people, err := store.People(ctx)
	if err != nil {
		say("the history can't be read")
	}
	shown, _, _ := store.Meta(ctx, app.MetaFault)
	say("fault of everybody's: %s", faultWords(app.ParseStoredFault(shown)))
	now := time.Now()
	for i, p := range people {
		readings, err := store.Readings(ctx, p.ID, now.Add(-24*time.Hour), now.Add(time.Hour))
		if err != nil {
			say("person %d: the readings can't be read", i+1)
			continue
		}
		byOrigin := map[glucose.Origin]int{}
		var last time.Time
		var longest time.Duration
		for _, r := range readings {
			byOrigin[r.Origin]++
			if r.Origin != glucose.Live {
				continue
			}
			if !last.IsZero() {
				longest = max(longest, r.Time.Sub(last))
			}
			last = r.Time
		}
		age := "none"
		if !last.IsZero() {
			age = now.Sub(last).Round(time.Second).String()
		}
		own, _, _ := store.Meta(ctx, app.MetaFaultOf(p.ID))
		say("person %d: %d live, %d of the service's own, %d imported; one each %v; age of the newest %s, longest gap %v; followed %v; fault %s",
			i+1, byOrigin[glucose.Live], byOrigin[glucose.Graph], byOrigin[glucose.Imported], glucose.Cadence(readings), age,
			longest.Round(time.Second), set.Personal(p.ID).Follow, faultWords(app.ParseStoredFault(own)))
	}
	return people
}

func faultWords(f *glucose.Fault) string {
	if f == nil {
		return "none"
	}
	return fmt.Sprintf("%s since %s", f.Kind, f.Since.UTC().Format(time.RFC3339))
}

// maxTail is how much of the log is told: days of ordinary life.
const maxTail = 64 << 10

func logTail(path string) []byte {
	var b []byte
	for _, p := range []string{path + ".1", path} {
		text, _ := os.ReadFile(p) // one that is not there has nothing to tell
		b = append(b, text...)
	}
	if len(b) > maxTail {
		b = b[len(b)-maxTail:]
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	return b
}

// scrub strikes out what is personal.
type scrub struct{ known *strings.Replacer }

// struck stands for what was taken out.
const struck = "[…]"

// personal are shapes of what must not get out even where its words are not
// known: mail addresses, ids, tokens, values with their unit, addresses of
// servers with what follows.
var personal = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+` +
	`|[0-9a-fA-F]{8}-[0-9a-fA-F-]{9,}` +
	`|eyJ[\w.-]+` +
	`|[\w-]{40,}` +
	`|\b\d+([.,]\d+)? ?(mg/dL|mmol/L)` +
	`|\bhttps?://\S+`)

func newScrub(ctx context.Context, paths settings.Paths, set settings.Settings, people []glucose.Person) scrub {
	var words []string
	add := func(text string, least int) {
		if len(text) >= least {
			words = append(words, text)
		}
	}
	for _, p := range people {
		for _, text := range append(strings.Fields(p.Name), p.Name, p.ID, set.Call(p)) {
			add(text, 3)
		}
	}
	for _, p := range set.People {
		add(p.ID, 3)
		add(p.Name, 3)
		add(p.Section, 3)
	}
	secrets := openSecrets(paths, false)
	for _, name := range append([]string{""}, set.AccountNames()...) {
		add(name, 3)
		account := &app.Account{Name: name, Secrets: secrets, Path: paths.SessionOf(name)}
		if cred, err := account.Credentials(ctx); err == nil {
			add(cred.Email, 3)
			add(cred.Password, 1)
			if s, err := account.Load(ctx, cred); err == nil {
				add(s.Token, 3)
				add(s.AccountID, 3)
			}
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		add(filepath.Clean(home), 3)
	}
	if u, err := user.Current(); err == nil && u.Username != "root" {
		add(u.Username, 3)
		add(u.Name, 3)
	}
	if host, err := os.Hostname(); err == nil {
		add(host, 3)
	}
	// The longest first: a first name must not leave the last one standing.
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, word := range words {
		pairs = append(pairs, word, struck)
	}
	return scrub{strings.NewReplacer(pairs...)}
}

func (s scrub) text(in string) string {
	return personal.ReplaceAllString(s.known.Replace(harmless(in)), struck)
}
