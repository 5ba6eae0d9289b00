//go:build windows || darwin

package notify

import "context"

// Audio tells about the default sound output. On this system it cannot.
func Audio(context.Context) (AudioState, error) { return AudioState{}, ErrAudioUntold }
