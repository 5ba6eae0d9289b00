package notify

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
	"time"
)

// sampleRate in Hz. Half the usual one: no tone here has overtones above
// 8 kHz worth keeping.
const sampleRate = 22050

// note is one tone of a sound.
type note struct {
	pitch  float64       // Hz
	length time.Duration // until the next one
	hollow bool          // odd overtones as of a square wave, instead of a bell's
}

// score is a sound as it is played.
type score struct {
	loudness float64 // of full scale
	times    int
	pause    time.Duration // between the times
	notes    []note
}

// The direction tells what is happening before one is awake enough to read:
// falling tones for a low, rising for a high. The urgent sound ends on 520 Hz
// with odd overtones, the tone that fire alarms in bedrooms use because it
// wakes people whom a high beep does not.
var scores = map[Sound]score{
	SoundSoft: {loudness: 0.35, times: 1, notes: []note{
		{pitch: 523.25, length: 220 * time.Millisecond},
		{pitch: 783.99, length: 680 * time.Millisecond},
	}},
	SoundLow: {loudness: 0.6, times: 2, pause: 250 * time.Millisecond, notes: []note{
		{pitch: 880.00, length: 240 * time.Millisecond},
		{pitch: 698.46, length: 240 * time.Millisecond},
		{pitch: 523.25, length: 620 * time.Millisecond},
	}},
	SoundUrgent: {loudness: 0.95, times: 4, pause: 200 * time.Millisecond, notes: []note{
		{pitch: 1046.50, length: 160 * time.Millisecond, hollow: true},
		{pitch: 783.99, length: 160 * time.Millisecond, hollow: true},
		{pitch: 520.00, length: 480 * time.Millisecond, hollow: true},
	}},
}

// rank orders the sounds: a higher one cuts a lower one short.
func (s Sound) rank() int {
	switch s {
	case SoundSoft:
		return 1
	case SoundLow:
		return 2
	case SoundUrgent:
		return 3
	}
	return 0
}

// length is how long a sound lasts.
func (s Sound) length() time.Duration {
	sc := scores[s]
	total := time.Duration(max(sc.times-1, 0)) * sc.pause
	for _, n := range sc.notes {
		total += time.Duration(sc.times) * n.length
	}
	return total
}

var waves sync.Map // Sound to []byte, made once; also keeps them in place for winmm

// wave returns a sound as a WAV file, 16 bit mono, nil for no sound.
func wave(s Sound) []byte {
	if w, ok := waves.Load(s); ok {
		return w.([]byte)
	}
	sc, ok := scores[s]
	if !ok {
		return nil
	}
	w, _ := waves.LoadOrStore(s, encode(sc.samples()))
	return w.([]byte)
}

func (sc score) samples() []int16 {
	var once []float64
	for _, n := range sc.notes {
		once = append(once, n.samples()...)
	}
	var out []int16
	for i := range sc.times {
		if i > 0 {
			out = append(out, make([]int16, frames(sc.pause))...)
		}
		for _, v := range once {
			out = append(out, int16(math.Round(v*sc.loudness*math.MaxInt16)))
		}
	}
	return out
}

// samples are within -1 and 1.
func (n note) samples() []float64 {
	overtones := []float64{1, 0.35, 0.12, 0.05}
	if n.hollow {
		overtones = []float64{1, 0, 1. / 3, 0, 1. / 5, 0, 1. / 7}
	}
	sum := 0.0
	for _, a := range overtones {
		sum += a
	}
	const edge = 0.008 // s; a sharper start or end clicks
	length := n.length.Seconds()
	out := make([]float64, frames(n.length))
	for i := range out {
		t := float64(i) / sampleRate
		v := 0.0
		for k, a := range overtones {
			if f := n.pitch * float64(k+1); a > 0 && f < sampleRate/2 {
				v += a * math.Sin(2*math.Pi*f*t)
			}
		}
		level := min(1, t/edge, (length-t)/edge)
		if !n.hollow {
			level *= math.Exp(-3 * t / length) // dies away as a bell does
		}
		out[i] = v / sum * max(level, 0)
	}
	return out
}

func frames(d time.Duration) int { return int(d.Seconds() * sampleRate) }

// encode wraps samples into a RIFF WAVE file.
func encode(samples []int16) []byte {
	const headers, frame = 36, 2 // bytes after the size field; bytes a sample
	data := uint32(len(samples) * frame)
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // to memory: cannot fail
	put(headers + data)
	b.WriteString("WAVEfmt ")
	put(uint32(16)) // size of this part
	put([]uint16{1, 1})
	put([]uint32{sampleRate, sampleRate * frame})
	put([]uint16{frame, frame * 8})
	b.WriteString("data")
	put(data)
	put(samples)
	return b.Bytes()
}
