package main

import (
	"context"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/nightscout"
	"github.com/llutray/llutray/internal/settings"
)

// checkSite looks at the Nightscout site that is followed; nothing without
// one. It makes one or two requests of the site.
func checkSite(ctx context.Context, set settings.Settings, secrets settings.Secrets) []finding {
	n := set.Outputs.Nightscout
	if !n.Follow {
		return nil
	}
	broken := func(f *glucose.Fault) []finding {
		code := exitFailed
		if f.Kind.NeedsUser() {
			code = exitUserMust
		}
		return []finding{{"Nightscout", false, strings.TrimSpace(f.Message + " " + f.Hint), code}}
	}
	if n.Site == "" {
		return []finding{{"Nightscout", false, lang.T("nightscout.follow is on, and nightscout.site is not set"), exitUserMust}}
	}
	site := &lateSite{secrets: secrets, site: nightscout.Site{URL: n.Site, API: nightscout.API(n.API)}, who: siteOwner(n)}
	list, err := site.Current(ctx)
	if err != nil {
		return broken(glucose.AsFault(err))
	}
	now, r := time.Now(), list[0].Current
	switch {
	case list[0].FutureBy > 0:
		return []finding{{"Nightscout", false, lang.T("its newest reading is dated ahead of this computer's clock"), exitFailed}}
	case r == nil:
		return []finding{{"Nightscout", false, lang.T("it answers, and has no reading yet"), exitNoReading}}
	case r.Stale(now, 5*time.Minute):
		return []finding{{"Nightscout", false, lang.F("it answers; the newest reading is old: %d min", int(r.Age(now).Minutes())), exitStale}}
	}
	return []finding{{"Nightscout", true, lang.F("it answers; the newest reading is %d s old", int(r.Age(now).Seconds())), exitFine}}
}
