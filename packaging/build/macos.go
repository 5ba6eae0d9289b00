package main

func (b *build) macos(string) error { return nil }
