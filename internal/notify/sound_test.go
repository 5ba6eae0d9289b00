package notify

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pcm reads the samples back out of a WAV file as a player does.
func pcm(t *testing.T, w []byte) []float64 {
	t.Helper()
	require.Equal(t, "RIFF", string(w[:4]))
	require.Equal(t, "WAVEfmt ", string(w[8:16]))
	require.Equal(t, "data", string(w[36:40]))
	le := binary.LittleEndian
	require.Equal(t, uint32(len(w)-8), le.Uint32(w[4:]))
	require.Equal(t, uint32(16), le.Uint32(w[16:]))
	require.Equal(t, []uint16{1, 1}, []uint16{le.Uint16(w[20:]), le.Uint16(w[22:])}, "PCM, mono")
	require.Equal(t, uint32(sampleRate), le.Uint32(w[24:]))
	require.Equal(t, uint32(sampleRate*2), le.Uint32(w[28:]))
	require.Equal(t, []uint16{2, 16}, []uint16{le.Uint16(w[32:]), le.Uint16(w[34:])})
	require.Equal(t, uint32(len(w)-44), le.Uint32(w[40:]))
	var out []float64
	for i := 44; i < len(w); i += 2 {
		out = append(out, float64(int16(le.Uint16(w[i:])))/math.MaxInt16)
	}
	return out
}

// pitch is the frequency with the most power between 300 and 2000 Hz.
func pitch(samples []float64) float64 {
	best, at := 0.0, 0.0
	for f := 300.0; f < 2000; f += 4 {
		var re, im float64
		for i, v := range samples {
			s, c := math.Sincos(2 * math.Pi * f * float64(i) / sampleRate)
			re, im = re+v*c, im+v*s
		}
		if p := re*re + im*im; p > best {
			best, at = p, f
		}
	}
	return at
}

// pitches hears one time of a sound, note by note.
func pitches(t *testing.T, s Sound) []float64 {
	t.Helper()
	samples := pcm(t, wave(s))
	var heard []float64
	at := 0
	for _, n := range scores[s].notes {
		heard = append(heard, pitch(samples[at:at+frames(n.length)]))
		at += frames(n.length)
	}
	return heard
}

func TestSoundsSayWhichWay(t *testing.T) {
	for _, s := range []Sound{SoundLow, SoundUrgent} {
		heard := pitches(t, s)
		require.Len(t, heard, 3)
		require.IsDecreasing(t, heard, s)
	}
	require.IsIncreasing(t, pitches(t, SoundSoft))
	require.InDelta(t, 520, pitches(t, SoundUrgent)[2], 6)
}

func TestSoundsGrowWithUrgency(t *testing.T) {
	power := func(s Sound) (peak, energy float64) {
		for _, v := range pcm(t, wave(s)) {
			peak, energy = max(peak, math.Abs(v)), energy+v*v
		}
		return peak, energy
	}
	var before float64
	for _, s := range []Sound{SoundSoft, SoundLow, SoundUrgent} {
		peak, energy := power(s)
		require.Less(t, peak, 1.0, "%s is clipped", s)
		require.Greater(t, energy, 2*before, s)
		before = energy
		require.InDelta(t, s.length().Seconds(), float64(len(pcm(t, wave(s))))/sampleRate, 0.01)
		require.Less(t, s.length(), 5*time.Second)
	}
}

func TestSoundsDoNotClick(t *testing.T) {
	for s, sc := range scores {
		samples := pcm(t, wave(s))
		at := 0
		for _, n := range sc.notes {
			require.InDelta(t, 0, samples[at], 0.02, s)
			at += frames(n.length)
			require.InDelta(t, 0, samples[at-1], 0.02, s)
		}
	}
}

func TestWaveIsTheSameEachTime(t *testing.T) {
	for s, sc := range scores {
		require.Equal(t, encode(sc.samples()), encode(sc.samples()))
		require.Same(t, &wave(s)[0], &wave(s)[0], "made once")
	}
	require.Nil(t, wave(SoundNone))
}
