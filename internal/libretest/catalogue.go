package libretest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

func named(name, what string) Scenario { return Scenario{Name: name, What: what} }

// blockedPage and its siblings are what stands before the service, and answers
// in its place, in HTML.
const (
	blockedPage = `<!DOCTYPE html><html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>You are unable to access libreview.io</p></body></html>`
	bannedPage  = `<!DOCTYPE html><html lang="en-US"><head><title>Access denied | api-de.libreview.io used Cloudflare to restrict access</title></head><body><h1>Error 1015</h1><p>You are being rate limited</p><p>The owner of this website (api-de.libreview.io) has banned you temporarily from accessing this website.</p></body></html>`
	gatewayPage = `<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>`
	hotelPage   = `<!DOCTYPE html><html><head><title>Welcome to our hotel</title></head><body>Your room number, please</body></html>`
	welcomePage = `<!DOCTYPE html><html><head><title>LibreView</title></head><body>Welcome</body></html>`
)

// catalogue is every behaviour of the service that clients have reported, and
// some that only a broken path to it could produce.
var catalogue = []script{
	{Scenario: named("ok", "everything works")},

	// Signing in.
	{Scenario: named("wrong_password", "every sign-in is refused"), refuse: "notAuthenticated"},
	{Scenario: named("wrong_password_text", "the same in the other wording"), refuse: "incorrect username/password"},
	{Scenario: named("redirect", "the account lives in region eu2"), home: "eu2"},
	{Scenario: named("redirect_unknown_region", "the account lives in a region nobody knows, zz9"), home: "zz9"},
	{Scenario: named("redirect_same", "every host redirects to itself"), redirect: func(region string) string {
		if region == "" || region == "global" {
			return "eu"
		}
		return region
	}},
	{Scenario: named("redirect_loop", "two regions redirect to each other"), redirect: func(region string) string {
		if region == "de" {
			return "fr"
		}
		return "de"
	}},
	{Scenario: named("redirect_hostile", "the redirect names another domain"), redirect: func(string) string { return "evil.com/x" }},
	{Scenario: named("terms", "new terms of use wait to be accepted"), steps: []string{"tou"}},
	{Scenario: named("terms_and_privacy", "terms of use, then the privacy policy"), steps: []string{"tou", "pp"}},
	{Scenario: named("verify_email", "the e-mail address is to be verified"), steps: []string{"verifyEmail"}},
	{Scenario: named("unknown_step", "a step that no client knows"), steps: []string{"somethingNew"}},
	{Scenario: named("locked_200", "locked for five minutes after the last sign-in, told with HTTP 200"), gate: lock(http.StatusOK)},
	{Scenario: named("locked_429", "the same with HTTP 429"), gate: lock(http.StatusTooManyRequests)},
	{Scenario: named("status_430", "sign-ins get HTTP 430 and nothing else"),
		gate: onLogin(func() *answer { return page(430, "") })},

	// Too much, too old, not welcome.
	{Scenario: named("throttled_429", "too many requests, Retry-After two minutes"), gate: throttle(inSeconds)},
	{Scenario: named("throttled_429_date", "the same with a date"), gate: throttle(asDate)},
	{Scenario: named("throttled_429_bare", "too many requests without Retry-After"),
		gate: onAll(func() *answer { return tooMany(0) })},
	{Scenario: named("too_old", "asks for version 4.18.0"), minimum: "4.18.0"},
	{Scenario: named("too_old_5", "asks for version 5.0.0"), minimum: "5.0.0"},
	{Scenario: named("too_old_reason", "too old in the wording of 2022, without saying what would do"),
		gate: onData(func() *answer {
			return reply(http.StatusForbidden, obj{"status": 920, "reason": "runningVersionTooLow"})
		})},
	{Scenario: named("header_missing", "data is refused as if the Account-Id were missing"),
		gate: onData(func() *answer { return reply(http.StatusBadRequest, obj{"message": "RequiredHeaderMissing"}) })},
	{Scenario: named("cloudflare_403", "a gatekeeper blocks this computer"),
		gate: onAll(func() *answer { return page(http.StatusForbidden, blockedPage).with("Server", "cloudflare") })},
	{Scenario: named("cloudflare_1015", "a gatekeeper bans this computer for a while"),
		gate: onAll(func() *answer { return page(http.StatusTooManyRequests, bannedPage).with("Server", "cloudflare") })},

	// Tokens.
	{Scenario: named("expired_token", "the token has expired; a new sign-in helps"), revoke: true},
	{Scenario: named("token_always_refused", "no token is good enough"), gate: onData(badToken)},
	{Scenario: named("missing_cached_user", "the service forgot the user; a new sign-in helps"),
		revoke: true, expiry: "MissingCachedUser"},
	{Scenario: named("ticket_refresh", "tokens live ten minutes; each answer brings the next"), tokenLife: 10 * time.Minute},

	// The service is ill.
	{Scenario: named("maintenance_911_json", "maintenance, told with HTTP 200"),
		gate: onAll(func() *answer { return reply(http.StatusOK, obj{"status": 911}) })},
	{Scenario: named("maintenance_http911", "maintenance, told with HTTP 911"),
		gate: onAll(func() *answer { return reply(911, obj{"status": 911}) })},
	{Scenario: named("server_500", "an error within the service"),
		gate: onAll(func() *answer {
			return reply(http.StatusInternalServerError, obj{"message": "Internal Server Error"})
		})},
	{Scenario: named("server_502_html", "the gateway does not reach the service"),
		gate: onAll(func() *answer { return page(http.StatusBadGateway, gatewayPage) })},
	{Scenario: named("server_503_retry", "unavailable, Retry-After five minutes"),
		gate: onAll(func() *answer {
			return reply(http.StatusServiceUnavailable, obj{"message": "Service Unavailable"}).with("Retry-After", "300")
		})},
	{Scenario: named("empty_body", "HTTP 200 and no body"), spoil: func(a *answer) { a.body = nil }},
	{Scenario: named("truncated_json", "the JSON ends in the middle"), spoil: func(a *answer) { a.body = a.body[:len(a.body)*2/3] }},
	{Scenario: named("captive_portal", "a hotel's page in place of the service, until somebody signs in to the network"),
		gate: onAll(func() *answer { return page(http.StatusOK, hotelPage) })},
	{Scenario: named("html_200", "a web page instead of data"),
		gate: onAll(func() *answer { return page(http.StatusOK, welcomePage) })},
	{Scenario: named("stall", "half an answer, then silence"), spoil: stall},
	{Scenario: named("huge_body", "an answer of 50 MB"), spoil: swell},
	{Scenario: named("gzip_rubbish", "the answer says it is compressed and is not"),
		spoil: func(a *answer) { a.with("Content-Encoding", "gzip") }},
	{Scenario: named("hang_up", "the connection breaks before an answer"), spoil: hangUp},
	{Scenario: named("http_redirect", "HTTP 302 to somewhere else"), gate: sendElsewhere(http.StatusFound)},
	{Scenario: named("http_redirect_307", "HTTP 307, which repeats the password"), gate: sendElsewhere(http.StatusTemporaryRedirect)},

	// People.
	{Scenario: named("empty_connections", "nobody shares with the account"), nobody: true},
	{Scenario: named("invited", "nobody yet, but an invitation waits"), nobody: true, invited: true},
	{Scenario: named("could_not_load_patient", "the person is listed, but the graph is refused"),
		gate: func(_ *Server, x *exchange) *answer {
			if x.endpoint == EndpointGraph || x.endpoint == EndpointLogbook {
				return couldNotLoadPatient()
			}
			return nil
		}},
	{Scenario: named("two_people", "two people share, in changing order"), second: true},
	{Scenario: named("mmol_account", "the account shows mmol/L"), mmol: true},

	// Holes in the data.
	{Scenario: named("null_measurement", "a person without a current reading"), connection: noMeasurement},
	{Scenario: named("null_data", "data is null"), blank: true},
	{Scenario: named("null_everything", "every field but the person's id is null"), connection: func(c obj) {
		for name := range c {
			if name != "patientId" {
				c[name] = nil
			}
		}
	}, graph: func(d obj) { d["activeSensors"], d["graphData"] = nil, nil }},
	{Scenario: named("missing_fields", "only what cannot be done without"), item: func(it obj) {
		keepOnly(it, "FactoryTimestamp", "ValueInMgPerDl")
	}, connection: func(c obj) {
		keepOnly(c, "patientId", "glucoseMeasurement")
	}, graph: func(d obj) { keepOnly(d, "connection") }},

	// Sensors.
	{Scenario: named("no_sensor", "no sensor, and never an upload"), connection: func(c obj) {
		noMeasurement(c)
		c["sensor"] = nil
	}, graph: func(d obj) { d["activeSensors"], d["graphData"] = []obj{}, []obj{} }},
	{Scenario: named("warming_up", "a new sensor warms up; the old value stays"), warming: true},
	{Scenario: named("sensor_ended", "the sensor is over; the last value stays for ever"), frozen: true, ended: true},
	{Scenario: named("upload_delayed", "the phone uploads no more; the last value stays"), frozen: true},
	{Scenario: named("upload_batches", "the phone uploads every quarter of an hour"), batch: 15 * time.Minute},
	{Scenario: named("future_clock", "the phone's clock is two hours fast"), shift: 2 * time.Hour},
	{Scenario: named("hi", "above what the sensor can show"), item: func(it obj) { limit(it, 500, true) }},
	{Scenario: named("lo", "below what the sensor can show"), item: func(it obj) { limit(it, 40, false) }},
	{Scenario: named("unknown_trend", "the trend is 0"), item: func(it obj) { it["TrendArrow"] = 0 }},
	{Scenario: named("unknown_trend_null", "the trend is null"), item: func(it obj) { it["TrendArrow"] = nil }},
	{Scenario: named("unknown_trend_absent", "there is no trend"), item: func(it obj) { delete(it, "TrendArrow") }},
}

func noMeasurement(c obj) { c["glucoseMeasurement"], c["glucoseItem"] = nil, nil }

func keepOnly(o obj, names ...string) {
	maps.DeleteFunc(o, func(name string, _ any) bool { return !slices.Contains(names, name) })
}

// limit makes a reading the sensor's HI or LO. Which number comes with it at the
// real service is not known; clients must not show it.
func limit(it obj, mgdl int, high bool) {
	it["ValueInMgPerDl"], it["Value"] = mgdl, any(mgdl)
	if it["GlucoseUnits"] == 0 {
		it["Value"] = mmol(mgdl)
	}
	it["isHigh"], it["isLow"], it["TrendArrow"] = high, !high, 0
	it["MeasurementColor"] = 4
	if high {
		it["MeasurementColor"] = 3
	}
}
