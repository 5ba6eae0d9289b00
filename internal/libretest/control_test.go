package libretest

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPushedReadingsAreExact(t *testing.T) {
	s, f, clock := signedIn(t, Options{Source: Nothing})
	require.Nil(t, f.current())
	require.NoError(t, s.Push("", Reading{MgDL: 52, Arrow: ArrowFalling}))
	it := f.current()
	require.Equal(t, 52, it.ValueInMgPerDl)
	require.Equal(t, 2, *it.TrendArrow)
	require.Equal(t, noon, it.time(t))
	require.NoError(t, s.Push("", Reading{Time: noon.Add(time.Minute), MgDL: 55, Arrow: ArrowUnknown, Published: noon.Add(70 * time.Second)}))
	clock.Add(70*time.Second - 1)
	require.Equal(t, 52, f.current().ValueInMgPerDl)
	clock.Add(1)
	require.Equal(t, 55, f.current().ValueInMgPerDl)
	require.Zero(t, *f.current().TrendArrow)
	require.NoError(t, s.Push("", Reading{Time: noon.Add(2 * time.Hour), MgDL: 60}))
	require.Equal(t, noon.Add(2*time.Hour), f.current().time(t), "a phone's clock can be wrong")
	require.NoError(t, s.Push("", Reading{Time: noon.Add(2 * time.Hour), MgDL: 61}))
	require.Equal(t, 61, f.current().ValueInMgPerDl, "the same instant again replaces")
	require.Error(t, s.Push("nobody", Reading{MgDL: 1}))
}

func TestPushSilencesTheSensorAndHoldBendsIt(t *testing.T) {
	s, f, clock := signedIn(t, Options{})
	require.NoError(t, s.Push("", Reading{MgDL: 301}))
	clock.Add(10 * time.Minute)
	require.Equal(t, 301, f.current().ValueInMgPerDl)
	_, points := f.graph(s.PersonIDs()[0])
	require.Greater(t, len(points), 135, "history stays")
	s.Release()
	require.NotEqual(t, 301, f.current().ValueInMgPerDl)
	require.NoError(t, s.Hold("", Reading{MgDL: 52, Arrow: ArrowFlat}))
	for range 3 {
		clock.Add(90 * time.Second)
		require.Equal(t, 52, f.current().ValueInMgPerDl)
		require.Less(t, clock.Now().Sub(f.current().time(t)), 81*time.Second)
	}
}

func TestFreezeAndThaw(t *testing.T) {
	s, f, clock := signedIn(t, Options{})
	before := f.current().time(t)
	s.Freeze()
	clock.Add(time.Hour)
	require.NoError(t, s.Push("", Reading{MgDL: 99}))
	require.Equal(t, before, f.current().time(t))
	s.Thaw()
	require.Equal(t, 99, f.current().ValueInMgPerDl)
}

func TestReadingsOfADay(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	list := s.Readings("", noon.Add(-24*time.Hour), noon)
	require.InDelta(t, 1440, len(list), 2)
	require.Equal(t, f.current().time(t), list[len(list)-1].Time)
	require.Equal(t, *f.current().TrendArrow, list[len(list)-1].Arrow)
	for _, r := range list {
		require.True(t, r.Time.After(noon.Add(-24*time.Hour)))
		require.GreaterOrEqual(t, r.Arrow, ArrowFallingFast)
	}
	require.Nil(t, s.Readings("nobody", noon, noon))
}

func TestDownAndUpOnTheSamePort(t *testing.T) {
	s, f, _ := signedIn(t, Options{})
	url := s.URL()
	s.Down()
	require.Error(t, f.get(dataPath).err)
	s.Down()
	require.NoError(t, s.Up())
	require.NoError(t, s.Up())
	require.Equal(t, url, s.URL())
	require.NotNil(t, f.current())
	s.Close()
	s.Close()
	require.Error(t, f.get(dataPath).err)
	require.Error(t, s.Up())
	require.Error(t, New(Options{}).Up())
}

func TestRecord(t *testing.T) {
	s, f, clock := signedIn(t, Options{})
	f.header.Set("User-Agent", "test/1")
	clock.Add(time.Minute)
	f.current()
	require.Equal(t, map[string]int{"login": 1, "connections": 1}, s.Counts())
	require.Equal(t, 1, s.SignIns())
	require.Equal(t, Request{
		Time: noon.Add(time.Minute), Method: "GET", Path: "/llu/connections", Endpoint: EndpointConnections, Scenario: "ok",
		Status: 200, Concurrent: 1, Token: true, AccountID: true, Product: "llu.android", Version: "4.17.0", UserAgent: "test/1",
	}, s.Requests()[1])
	s.ResetRequests()
	require.Empty(t, s.Requests())
	require.Empty(t, s.Counts())
}

func TestRecordStaysSmall(t *testing.T) {
	var c record
	for range mostRequests + 10 {
		c.finish(c.add(Request{Endpoint: EndpointGraph}), 200)
	}
	require.Less(t, len(c.list), mostRequests)
	require.Equal(t, 200, c.list[len(c.list)-1].Status)
	require.Equal(t, mostRequests+10, c.counts[EndpointGraph])
	require.Zero(t, c.busy)
}

func TestControlOverHTTP(t *testing.T) {
	s, f, _ := signedIn(t, Options{Control: true, BasePath: "/base"})
	order := func(what string) got { t.Helper(); return f.post("/_control/"+what, "") }

	require.Equal(t, 200, order("push?mgdl=52&arrow=2&age=90s").code)
	require.Equal(t, 52, f.current().ValueInMgPerDl)
	require.Equal(t, noon.Add(-90*time.Second), f.current().time(t))
	require.Equal(t, 200, order("hold?mgdl=60&low=1").code)
	require.Equal(t, 200, order("release").code)
	require.Equal(t, 200, order("freeze").code)
	require.Contains(t, f.get("/_control/state").body, `"frozen":true`)
	require.Equal(t, 200, order("thaw").code)
	require.Equal(t, 200, order("scenario?name=server_500").code)
	require.Equal(t, 500, f.get(dataPath).code)
	require.Equal(t, "server_500", s.Scenario())
	require.Contains(t, f.get("/_control/scenarios").body, "could_not_load_patient")

	var requests []Request
	require.NoError(t, json.Unmarshal([]byte(f.get("/_control/requests").body), &requests))
	require.Equal(t, s.Requests(), requests)
	require.Equal(t, 200, order("reset").code)
	require.Empty(t, s.Requests(), "control is not recorded")

	for _, wrong := range []string{"scenario?name=x", "push?mgdl=x", "push?mgdl=5&arrow=6", "push?mgdl=5&age=x", "down?for=x", "explode", "push?mgdl=5&person=x"} {
		require.Equal(t, 400, order(wrong).code, wrong)
	}
	require.Equal(t, 404, f.get("/_control/push").code)
	require.Equal(t, http.StatusMethodNotAllowed, f.do(http.MethodPut, "/_control/freeze", "").code)

	require.Equal(t, 200, order("down?for=50ms").code)
	require.Eventually(t, func() bool { return f.get("/_control/state").code == 200 }, 5*time.Second, 5*time.Millisecond)
}

func TestControlEndsADownWhenClosed(t *testing.T) {
	s, f, _ := signedIn(t, Options{Control: true})
	require.Equal(t, 200, f.post("/_control/down?for=1h", "").code)
	s.Close() // waits for it
	require.Error(t, f.get("/user").err)
}

func TestNoControlUnlessAsked(t *testing.T) {
	_, f, _ := signedIn(t, Options{})
	require.Equal(t, 404, f.get("/_control/state").code)
}

func TestConcurrentUse(t *testing.T) {
	s, f, clock := signedIn(t, Options{Seed: 3})
	id := s.PersonIDs()[0]
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				f.get(dataPath)
				f.get("/llu/connections/" + id + "/graph")
			}
		})
	}
	all.Go(func() {
		for i, sc := range Scenarios() {
			if sc.Name == "stall" || sc.Name == "huge_body" {
				continue
			}
			_ = s.SetScenario(sc.Name)
			_ = s.Push("", Reading{MgDL: 100 + i})
			_ = s.Hold("", Reading{MgDL: 90})
			clock.Add(time.Second)
			_ = s.Requests()
			s.Freeze()
			s.Release()
		}
	})
	all.Go(func() {
		for range 3 {
			s.Down()
			_ = s.Up()
		}
	})
	all.Wait()
	require.NoError(t, s.SetScenario("ok"))
	f.signIn()
	require.NotNil(t, f.current())
}
