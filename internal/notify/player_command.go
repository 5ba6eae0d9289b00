//go:build !windows

package notify

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// program is a player that takes the path of a WAV file as its last argument.
type program struct {
	path  string // or a name to be found
	args  []string
	files *soundFiles
}

func (p *program) name() string { return p.path }

func (p *program) present() bool {
	_, err := exec.LookPath(p.path)
	return err == nil
}

func (p *program) play(ctx context.Context, s Sound) error {
	file, err := p.files.path(s)
	if err != nil {
		return fmt.Errorf("storing the sound: %w", err)
	}
	args := append(append([]string(nil), p.args...), file)
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.WaitDelay = time.Second // for a child that outlives it and keeps the pipe
	var said limited
	cmd.Stderr = &said
	err = cmd.Run()
	if err != nil && ctx.Err() != nil {
		return lang.E("it did not end in time")
	}
	if words := line(said.String(), maxTitle); err != nil && words != "" {
		return fmt.Errorf("%w: %s", err, words)
	}
	return err
}

// limited keeps the first words of a program that may say very many.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if room := 512 - l.Len(); room > 0 {
		l.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// soundFiles are the sounds on disk, written when first needed.
type soundFiles struct {
	mu   sync.Mutex
	dir  string
	mine bool // dir was made here
}

func (f *soundFiles) path(s Sound) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dir == "" {
		dir, err := os.MkdirTemp("", "llutray-sound-") // 0700
		if err != nil {
			return "", err
		}
		f.dir, f.mine = dir, true
	}
	return storeFile(f.dir, "alarm-"+string(s)+".wav", wave(s))
}

func (f *soundFiles) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mine {
		_ = os.RemoveAll(f.dir)
		f.dir, f.mine = "", false
	}
}

func newInstruments(opts PlayerOptions) ([]instrument, func()) {
	files := &soundFiles{dir: opts.Dir}
	list := make([]instrument, 0, len(programs))
	for _, argv := range programs {
		list = append(list, &program{path: argv[0], args: argv[1:], files: files})
	}
	return list, files.remove
}
