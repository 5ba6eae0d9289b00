package main

import "context"

func (b *build) windows(ctx context.Context) error { return nil }
func (b *build) macos(string) error                { return nil }
