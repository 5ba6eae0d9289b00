package mqtt

import (
	"encoding/json"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

// What a person reads is in their language; what an automation is written
// with is not.
func TestLanguage(t *testing.T) {
	c := Config{Discovery: "homeassistant", Commands: true, NoNames: true}
	who := glucose.Person{ID: "a1", Name: "Ann"}
	state := State{Reading: &glucose.Reading{Time: time.Unix(1e9, 0), Value: 97, Trend: glucose.Falling}, Range: glucose.Low, Alarm: alarm.Low, Fault: glucose.Offline}
	english, payload := c.entities(who, 1), string(state.Payload())

	defer lang.Pretend(langtest.Masked)()
	require.Equal(t, payload, string(state.Payload()))
	for i, e := range c.entities(who, 1) {
		require.Empty(t, langtest.Bare(e.Name), e.Name)
		require.Empty(t, langtest.Bare(e.Device.Name), e.Device.Name)
		e.Name, e.Device.Name = english[i].Name, english[i].Device.Name
		got, err := json.Marshal(e)
		require.NoError(t, err)
		want, err := json.Marshal(english[i])
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
	}
	for _, c := range []Config{{Broker: "x"}, {Broker: "mqtt://a:b@x"}, {Broker: "mqtt://x", Prefix: "#"}} {
		require.Empty(t, langtest.Bare(c.Check().Error()))
	}
	for _, err := range []error{errors.New("x"), &net.OpError{Err: errors.New("x")}, errRefused} {
		require.Empty(t, langtest.Bare(words(err)))
	}
	require.Empty(t, langtest.Bare(errRefused.Error()))
}
