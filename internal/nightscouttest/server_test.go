package nightscouttest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type client struct {
	t *testing.T
	s *Server
}

func newClient(t *testing.T) *client {
	s := New()
	t.Cleanup(s.Close)
	return &client{t, s}
}

func (c *client) do(method, path, body string, header ...string) (int, http.Header, string) {
	req, err := http.NewRequest(method, c.s.URL+path, strings.NewReader(body))
	require.NoError(c.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, resp.Header, strings.TrimSpace(string(b))
}

func (c *client) jwt(token string) string {
	code, _, body := c.do("GET", "/api/v2/authorization/request/"+token, "")
	require.Equal(c.t, 200, code)
	var got struct{ Token string }
	require.NoError(c.t, json.Unmarshal([]byte(body), &got))
	return "Bearer " + got.Token
}

const first = 1772460000000 // 2026-03-02T14:00:00Z

func v1(i, sgv int, more string) string {
	return fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d,"dateString":"2026-03-02T14:%02d:00.000Z","device":"d"%s}`, sgv, first+i*60000, i, more)
}

func TestV1(t *testing.T) {
	c := newClient(t)
	secret := []string{"api-secret", SecretHash()}
	code, _, _ := c.do("POST", "/api/v1/entries", "["+v1(0, 100, "")+"]")
	require.Equal(t, 401, code)
	code, _, _ = c.do("POST", "/api/v1/entries", "[]", "api-secret", Secret)
	require.Equal(t, 401, code, "the secret itself is refused")
	code, _, body := c.do("POST", "/api/v1/entries", "[]", secret...)
	require.Equal(t, []any{200, "[]"}, []any{code, body})
	code, _, body = c.do("POST", "/api/v1/entries", "[{", secret...)
	require.Equal(t, 400, code)
	require.Contains(t, body, "    at ", "a stack trace")

	_, _, body = c.do("POST", "/api/v1/entries", "["+v1(0, 100, `,"identifier":"a"`)+"]", secret...)
	require.Contains(t, body, `"_id"`)
	_, _, body = c.do("POST", "/api/v1/entries", "["+v1(0, 101, `,"identifier":"b"`)+"]", secret...)
	require.NotContains(t, body, `"_id"`, "the answer to an overwriting has none")
	require.Len(t, c.s.Entries(), 1, "the identifier is not the key")
	require.EqualValues(t, 101, c.s.Entries()[0]["sgv"], "the later value wins")

	for i := range 30 {
		_, _, _ = c.do("POST", "/api/v1/entries", v1(i, 100+i, ""), secret...)
	}
	list := func(query string) (out []Entry) {
		_, _, body := c.do("GET", "/api/v1/entries.json"+query, "")
		require.NoError(t, json.Unmarshal([]byte(body), &out), body)
		return out
	}
	require.Len(t, list(""), 10)
	require.EqualValues(t, 129, list("")[0]["sgv"])
	require.Len(t, list(fmt.Sprintf("?count=100&find[date][$gte]=%d", first+20*60000)), 10)
	require.EqualValues(t, 110, list("?count=3&find[sgv][$gte]=110")[0]["sgv"], "without a date: ascending, and far from the newest")

	_, _, body = c.do("DELETE", fmt.Sprintf("/api/v1/entries.json?count=5&find[date][$gte]=%d", first+10*60000), "", secret...)
	require.Contains(t, body, `"n":20`)
	require.Len(t, c.s.Entries(), 10, "count does not limit it")

	code, _, body = c.do("GET", "/api/v1/verifyauth", "")
	require.Equal(t, 200, code, "200 to everybody")
	require.Contains(t, body, `"canWrite":false`)
	code, _, _ = c.do("GET", "/api/v1/experiments/test", "")
	require.Equal(t, 401, code)
	code, _, _ = c.do("GET", "/api/v1/experiments/test", "", secret...)
	require.Equal(t, 200, code)
	c.s.Denied = true
	code, _, _ = c.do("GET", "/api/v1/status.json", "")
	require.Equal(t, 401, code)
}

func v3(i int, more string) string {
	return fmt.Sprintf(`{"type":"sgv","sgv":100,"date":%d,"device":"d"%s}`, first+i*60000, more)
}

func TestV3(t *testing.T) {
	c := newClient(t)
	c.s.AddSubject("all-0123456789abcdef", "*")
	c.s.AddSubject("create-0123456789abcdef", "api:entries:create")
	code, _, _ := c.do("GET", "/api/v2/authorization/request/wrong", "")
	require.Equal(t, 401, code)
	code, _, _ = c.do("GET", "/api/v3/version", "")
	require.Equal(t, 200, code)
	all := []string{"Authorization", c.jwt("all-0123456789abcdef")}
	for _, no := range [][]string{{"api-secret", SecretHash()}, nil} {
		code, _, _ = c.do("GET", "/api/v3/entries?token=all-0123456789abcdef", "", no...)
		require.Equal(t, 401, code)
	}
	post := func(body string, header []string) (int, http.Header, string) {
		return c.do("POST", "/api/v3/entries", body, header...)
	}
	for _, bad := range []string{"[" + v3(0, `,"app":"a"`) + "]", v3(0, ""), `{"app":"a","sgv":1}`} {
		code, _, _ = post(bad, all)
		require.Equal(t, 400, code, bad)
	}
	code, header, body := post(v3(0, `,"app":"a"`), all)
	require.Equal(t, 201, code)
	var made struct{ Identifier string }
	require.NoError(t, json.Unmarshal([]byte(body), &made))
	require.Equal(t, "/api/v3/entries/"+made.Identifier, header.Get("Location"))
	code, _, body = post(v3(0, `,"app":"a"`), all)
	require.Equal(t, 200, code)
	require.Contains(t, body, `"isDeduplication":true`)
	code, _, body = post(v3(0, `,"app":"a"`), []string{"Authorization", c.jwt("create-0123456789abcdef")})
	require.Equal(t, 403, code)
	require.Contains(t, body, "Missing permission api:entries:update")
	require.Len(t, c.s.Entries(), 1)

	code, _, _ = c.do("GET", "/api/v3/entries?limit=1001", "", all...)
	require.Equal(t, 400, code)
	code, _, _ = c.do("DELETE", "/api/v3/entries/"+made.Identifier, "", all...)
	require.Equal(t, 200, code)
	code, _, _ = c.do("GET", "/api/v3/entries/"+made.Identifier, "", all...)
	require.Equal(t, 410, code)
	code, _, body = post(v3(0, `,"app":"a"`), all)
	require.Equal(t, 200, code)
	require.Contains(t, body, `"isDeduplication":true`)
	_, _, body = c.do("GET", "/api/v3/status", "", all...)
	require.Contains(t, body, `"apiPermissions":{}`)
}

func TestNeverMixTheTwo(t *testing.T) {
	c := newClient(t)
	c.s.AddSubject("all-0123456789abcdef", "*")
	all := []string{"Authorization", c.jwt("all-0123456789abcdef")}
	_, _, _ = c.do("POST", "/api/v1/entries", v1(0, 100, `,"identifier":"x"`), "api-secret", SecretHash())
	code, _, _ := c.do("POST", "/api/v3/entries", v3(0, `,"app":"a"`), all...)
	require.Equal(t, 201, code)
	require.Len(t, c.s.Entries(), 2, "v3 does not see an entry of v1 that has an identifier")
	_, _, body := c.do("GET", "/api/v3/entries/history/0", "", all...)
	require.Contains(t, body, `"sgv":100`)
	_, _, body = c.do("GET", "/api/v3/lastModified", "", all...)
	require.Contains(t, body, `"entries":1`)
}
