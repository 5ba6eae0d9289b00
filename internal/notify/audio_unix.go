//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

// Audio tells about the default sound output. When the state is not Known the
// error says why, and what to do.
func Audio(ctx context.Context) (AudioState, error) {
	var errs []error
	var silent AudioState
	for _, mixer := range []func(context.Context) (AudioState, error){askWireplumber, askPulse, askALSA} {
		state, err := mixer(ctx)
		switch {
		case ctx.Err() != nil:
			return AudioState{}, ctx.Err()
		case err == nil && state.Missing:
			// PipeWire may be there for pictures only, with PulseAudio beside it.
			silent = state
		case err == nil && silent.Missing && state.Via == "amixer":
			// The card has a volume, but a sound server without an output
			// takes the alarm and plays it to nobody.
			return silent, nil
		case err == nil:
			return state, nil
		case !errors.Is(err, errNotThere):
			errs = append(errs, err)
		}
	}
	if silent.Missing {
		return silent, nil
	}
	if len(errs) == 0 {
		return AudioState{}, lang.E("whether the sound is on cannot be told: install wireplumber, pulseaudio-utils or alsa-utils")
	}
	why := strings.ReplaceAll(errors.Join(errs...).Error(), "\n", "; ")
	return AudioState{}, lang.E("whether the sound is on cannot be told: play the test alarm and listen (%s)", why)
}

// askWireplumber asks PipeWire's session manager. It does not say where the
// sound comes out; PipeWire's answer to pactl does, if that is installed.
func askWireplumber(ctx context.Context) (AudioState, error) {
	said, err := ask(ctx, "wpctl", "get-volume", "@DEFAULT_AUDIO_SINK@")
	if errors.Is(err, errNotThere) {
		return AudioState{}, err
	}
	state, ok := parseWpctl(said)
	if !ok {
		return AudioState{}, notUnderstood("wpctl", err)
	}
	if state.Missing {
		return state, nil
	}
	if said, err := ask(ctx, "wpctl", "inspect", "@DEFAULT_AUDIO_SINK@"); err == nil {
		state = parseInspect(state, said)
	}
	if pulse, err := askPulse(ctx); err == nil && !pulse.Missing && !state.Missing {
		state.Headphones = state.Headphones || pulse.Headphones
	}
	return state, nil
}

func askPulse(ctx context.Context) (AudioState, error) {
	info, err := ask(ctx, "pactl", "info")
	if err != nil {
		return AudioState{}, err
	}
	sinks, err := ask(ctx, "pactl", "list", "sinks")
	if err != nil {
		return AudioState{}, err
	}
	state, ok := parsePactl(info, sinks)
	if !ok {
		return AudioState{}, notUnderstood("pactl", nil)
	}
	return state, nil
}

func askALSA(ctx context.Context) (AudioState, error) {
	var err error
	// Master is what a desktop's volume keys turn; simple cards have only PCM.
	for _, control := range []string{"Master", "PCM"} {
		var said string
		// -M: per cent as the ear has them, as the other mixers' are.
		if said, err = ask(ctx, "amixer", "-M", "sget", control); err != nil {
			continue
		}
		if state, ok := parseAmixer(said); ok {
			return state, nil
		}
		err = notUnderstood("amixer", nil)
	}
	return AudioState{}, err
}

func notUnderstood(program string, err error) error {
	if err != nil {
		return err
	}
	return lang.E("%s answers something unknown", program)
}
