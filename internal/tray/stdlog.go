package tray

import (
	"log"
	"log/slog"
	"strings"
)

// redirectStandardLog sends what the tray library writes to the standard
// logger, which is all it ever tells of its failures, to ours. The returned
// function undoes it.
func redirectStandardLog(to *slog.Logger) (restore func()) {
	out, flags := log.Writer(), log.Flags()
	log.SetOutput(logWriter{to})
	log.SetFlags(0)
	return func() {
		log.SetOutput(out)
		log.SetFlags(flags)
	}
}

type logWriter struct{ to *slog.Logger }

func (w logWriter) Write(line []byte) (int, error) {
	w.to.Warn("the tray library reports", "text", strings.TrimSpace(string(line)))
	return len(line), nil
}
