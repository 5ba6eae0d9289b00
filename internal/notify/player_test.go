package notify

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// tape is an instrument that takes the time a sound takes.
type tape struct {
	called  string
	missing bool
	fails   error
	stuck   bool

	mu     sync.Mutex
	played []Sound
	ended  []Sound
}

func (p *tape) name() string  { return p.called }
func (p *tape) present() bool { return !p.missing }

func (p *tape) play(ctx context.Context, s Sound) error {
	p.mu.Lock()
	p.played = append(p.played, s)
	p.mu.Unlock()
	if p.fails != nil {
		return p.fails
	}
	length := s.length()
	if p.stuck {
		length = time.Hour
	}
	select {
	case <-time.After(length):
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	p.ended = append(p.ended, s)
	p.mu.Unlock()
	return nil
}

func playerOf(list ...instrument) *Player {
	p := NewPlayer(PlayerOptions{})
	p.instruments = list
	return p
}

func TestPlayerTriesOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing := &tape{called: "missing", missing: true}
		broken := &tape{called: "broken", fails: errors.New("no server")}
		stuck := &tape{called: "stuck", stuck: true}
		good := &tape{called: "good"}
		p := playerOf(missing, broken, stuck, good)
		name, ok := p.Available()
		require.True(t, ok)
		require.Equal(t, "broken", name)

		start := time.Now()
		require.NoError(t, p.Play(t.Context(), SoundLow))
		require.Equal(t, SoundLow.length()+grace+SoundLow.length(), time.Since(start), "the stuck one is given up")
		require.Equal(t, []Sound{SoundLow}, good.ended)
		require.Empty(t, missing.played)

		start = time.Now()
		require.NoError(t, p.Play(t.Context(), SoundLow))
		require.Equal(t, SoundLow.length(), time.Since(start), "what was heard last goes first")
		name, _ = p.Available()
		require.Equal(t, "good", name)
	})
}

func TestPlayerFails(t *testing.T) {
	p := playerOf(&tape{called: "a", missing: true})
	_, ok := p.Available()
	require.False(t, ok)
	require.ErrorIs(t, p.Play(t.Context(), SoundSoft), ErrNoPlayer)
	require.NoError(t, p.Play(t.Context(), SoundNone), "silence needs no player")
	require.NoError(t, p.Play(t.Context(), ""))
	require.ErrorContains(t, p.Play(t.Context(), "loud"), "none, soft, low or urgent")

	p = playerOf(&tape{called: "a", fails: errors.New("first")}, &tape{called: "b", fails: errors.New("second")})
	err := p.Play(t.Context(), SoundSoft)
	require.ErrorContains(t, err, "a: first")
	require.ErrorContains(t, err, "b: second")
	p.Close()
	require.ErrorIs(t, p.Play(t.Context(), SoundSoft), ErrClosed)
}

func TestPlayerDoesNotDouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := &tape{called: "good"}
		p := playerOf(good)
		for _, s := range []Sound{SoundLow, SoundLow, SoundSoft} {
			go func() {
				if err := p.Play(t.Context(), s); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(SoundLow.length())
		synctest.Wait()
		require.Equal(t, []Sound{SoundLow}, good.ended)
		require.Equal(t, []Sound{SoundLow}, good.played)
	})
}

func TestUrgentCutsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := &tape{called: "good"}
		p := playerOf(good)
		soft := make(chan error, 1)
		go func() { soft <- p.Play(t.Context(), SoundSoft) }()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, p.Play(t.Context(), SoundUrgent))
		require.Equal(t, SoundUrgent.length(), time.Since(start), "at once")
		require.NoError(t, <-soft)
		require.Equal(t, []Sound{SoundUrgent}, good.ended)
	})
}

func TestJoinedSoundIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := &tape{called: "good"}
		p := playerOf(good)
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		first := make(chan error, 1)
		go func() { first <- p.Play(short, SoundLow) }()
		synctest.Wait()
		require.NoError(t, p.Play(t.Context(), SoundLow), "whoever began it gave up")
		require.ErrorIs(t, <-first, context.DeadlineExceeded)
		require.Equal(t, []Sound{SoundLow}, good.ended)
	})
}

func TestPlayerEndsWithItsContextAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := playerOf(&tape{called: "stuck", stuck: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, p.Play(ctx, SoundLow), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))

		ended := make(chan error, 1)
		go func() { ended <- p.Play(t.Context(), SoundLow) }()
		synctest.Wait()
		p.Close()
		require.ErrorIs(t, <-ended, ErrClosed)
	})
}
