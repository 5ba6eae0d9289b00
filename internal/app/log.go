package app

import (
	"io"
	"os"
	"path/filepath"
	"sync"
)

// The log and its predecessor together stay below 10 MB.
const maxLog = 5 << 20

// OpenLog opens the log file for appending, readable by its owner only. When
// it has grown to half of the allowance it becomes the predecessor.
func OpenLog(path string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	l := &logFile{path: path}
	return l, l.open()
}

type logFile struct {
	mu   sync.Mutex
	path string
	file *os.File
	size int64
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write appends a line; a log that can't be written never stops the program.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil || l.size+int64(len(b)) > maxLog {
		if l.file != nil {
			_ = l.file.Close()
			l.file = nil
			_ = os.Rename(l.path, l.path+".1")
		}
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(b)
	l.size += int64(n)
	return n, err
}

// Close closes the file.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
