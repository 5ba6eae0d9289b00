//go:build windows || darwin

package busapi

import "context"

// Run has nothing to offer it on: there is no session bus.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
