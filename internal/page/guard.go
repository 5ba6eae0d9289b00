package page

import (
	"html"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// policy allows the page its own files and nothing from anywhere else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// maxBody is the largest question: a sign-in or a few settings.
const maxBody = 64 << 10

// guard lets only the page of this very server through, in the user's own
// browser: other sites in it are kept out by Host, Origin and Sec-Fetch-Site,
// other programs and users of the computer by the cookie.
func (s *Server) guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !slices.Contains(hosts, r.Host):
			// Also a foreign name that was made to point here (DNS rebinding).
			fail(w, r, http.StatusForbidden, lang.T("This is not the page's own address."), openAgain())
		case r.Method != http.MethodGet && r.Method != http.MethodPost:
			h.Set("Allow", "GET, POST")
			fail(w, r, http.StatusMethodNotAllowed, lang.T("The page knows no such request."), "")
		case foreign(r):
			fail(w, r, http.StatusForbidden, lang.T("Another site asked for this page."), openAgain())
		case r.URL.Path == "/open":
			s.open(w, r)
		default:
			switch r = within(r); {
			case !s.admitted(r):
				fail(w, r, http.StatusUnauthorized, lang.T("This page is closed."), openAgain())
			case r.Method == http.MethodPost && !writes(w, r):
			default:
				next.ServeHTTP(w, r)
			}
		}
	})
}

// within is a request as it is at the place of its session: /PLACE/api/state
// is /api/state there.
func within(r *http.Request) *http.Request {
	place, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	at := *r.URL
	at.Path, at.RawPath = "/"+rest, ""
	r = r.WithContext(r.Context())
	r.URL = &at
	r.SetPathValue("place", place)
	return r
}

// openAgain is what to do when the page's key is missing or no longer good.
func openAgain() string {
	return lang.T("Choose “Open llutray…” from its menu again, or type: llutray page")
}

// foreign reports whether a browser says that another site is behind it. The
// user's own start of a page has none.
func foreign(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && (site != "none" || r.Method != http.MethodGet)
}

// writes checks what a question that changes something must have besides, and
// answers if it has not. A form of another site can send none of it.
func writes(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Origin") != "http://"+r.Host {
		fail(w, r, http.StatusForbidden, lang.T("Another site asked for this change."), openAgain())
		return false
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		fail(w, r, http.StatusUnsupportedMediaType, lang.T("The question must be application/json."), "")
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	return true
}

func (s *Server) admitted(r *http.Request) bool {
	for _, c := range r.CookiesNamed(s.keys.cookie) {
		if s.keys.admits(r.PathValue("place"), c.Value) {
			return true
		}
	}
	return false
}

// open changes the code of the address for a cookie, and leads to an address
// without it, so that neither history nor bookmark holds it.
func (s *Server) open(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET")
		fail(w, r, http.StatusMethodNotAllowed, lang.T("The page knows no such request."), "")
		return
	}
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		// A browser that guesses would use the code up, and end the session.
		fail(w, r, http.StatusServiceUnavailable, lang.T("This address is not fetched ahead."), "")
		return
	}
	q := r.URL.Query()
	place, token, e := s.keys.open(q.Get("code"), time.Now())
	switch e {
	case tooMany:
		w.Header().Set("Retry-After", "60")
		fail(w, r, http.StatusTooManyRequests, lang.T("Too many wrong codes were tried."), openAgain())
		return
	case wrongCode:
		fail(w, r, http.StatusUnauthorized, lang.T("This address opens the page only once, and only within a minute."), openAgain())
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.keys.cookie, Value: token, Path: "/" + place + "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	to := "/" + place + "/"
	if view := q.Get("view"); known(view) {
		to += "#" + view
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// known reports whether the page has such a part: letters only, so that an
// address can lead nowhere else.
func known(view string) bool {
	return slices.Contains([]string{"now", "days", "report", "alarms", "settings", "signin", "about"}, view)
}

// fail tells what is wrong, then what to do: a program as JSON, a person as a
// page without anything that a policy could forbid.
func fail(w http.ResponseWriter, r *http.Request, status int, message, hint string) {
	if strings.HasPrefix(r.URL.Path, "/api/") || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		answer(w, status, Problem{message, hint})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!doctype html>\n<html lang=\"" + lang.Code() + "\"><meta charset=\"utf-8\"><title>llutray</title>" +
		"<h1>llutray</h1><p>" + html.EscapeString(message) + "</p><p>" + html.EscapeString(hint) + "</p></html>\n"))
}
