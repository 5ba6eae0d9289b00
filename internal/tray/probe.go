package tray

import "context"

// Probe tells without showing anything whether this session can have a tray
// at all (if not, the error says so) and whether something shows icons now.
func Probe(ctx context.Context) (hosted bool, err error) {
	d, err := connect(ctx)
	if err != nil {
		return false, err
	}
	defer d.close()
	select {
	case hosted = <-d.hosts():
		return hosted, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
