package notify

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecorder(t *testing.T) {
	r := NewRecorder()
	boom := errors.New("boom")
	r.FailNext(boom)
	require.ErrorIs(t, r.Send(t.Context(), Message{Tag: "low", Title: "lost"}), boom)
	require.NoError(t, r.Send(t.Context(), Message{Tag: "low", Title: "3.4"}))
	require.NoError(t, r.Send(t.Context(), Message{Tag: "low", Title: "3.3"}))
	require.Len(t, r.Sent(), 2)
	m, ok := r.Shown("low")
	require.True(t, ok)
	require.Equal(t, "3.3", m.Title)

	r.Inject(Event{Tag: "low", Closed: true, ByUser: true})
	require.Equal(t, Event{Tag: "low", Closed: true, ByUser: true}, <-r.Events())
	_, ok = r.Shown("low")
	require.False(t, ok)
	require.NoError(t, r.Withdraw(t.Context(), "low"))
	require.Equal(t, []string{"low"}, r.Withdrawn())

	r.FailAll(boom)
	_, err := r.Check(t.Context())
	require.ErrorIs(t, err, boom)
	require.ErrorIs(t, r.Send(t.Context(), Message{}), boom)
	r.FailAll(nil)
	require.NoError(t, r.Send(t.Context(), Message{}))

	require.NoError(t, r.Play(t.Context(), SoundLow))
	r.FailPlay(boom)
	require.ErrorIs(t, r.Play(t.Context(), SoundLow), boom)
	require.Equal(t, []Sound{SoundLow}, r.Played())

	r.Close()
	r.Close()
	r.Inject(Event{})
	_, ok = <-r.Events()
	require.False(t, ok)
	require.ErrorIs(t, r.Send(t.Context(), Message{}), ErrClosed)
}
