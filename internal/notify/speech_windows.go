package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/go-ole/go-ole"
	"github.com/go-ole/go-ole/oleutil"
)

const voiceHint = "install a voice in the settings of Windows"

// Flags of ISpVoice::Speak.
const (
	speakAsync = 1
	speakPurge = 2  // what is being said and waits to be
	speakPlain = 16 // text is never taken for XML
)

func newVoices() []voice { return []voice{sapi{}} }

// sapi is the voice of Windows, reached as an object and not through a program:
// no command line is made of text from outside.
type sapi struct{}

func (sapi) name() string { return "Windows" }

func (sapi) present() bool { return true } // found out when it is made

func (sapi) say(ctx context.Context, text string) error {
	done := make(chan error, 1)
	go func() {
		// COM belongs to a thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- speak(ctx, text)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // a driver that hangs keeps its thread
		return ctx.Err()
	}
}

func speak(ctx context.Context, text string) error {
	if err := ole.CoInitializeEx(0, ole.COINIT_APARTMENTTHREADED); err != nil {
		var e *ole.OleError
		if !errors.As(err, &e) || e.Code() != 1 { // S_FALSE: this thread did so already
			return fmt.Errorf("COM: %w", err)
		}
	}
	defer ole.CoUninitialize()
	object, err := oleutil.CreateObject("SAPI.SpVoice")
	if err != nil {
		return ErrNoVoice
	}
	defer object.Release()
	voice, err := object.QueryInterface(ole.IID_IDispatch)
	if err != nil {
		return ErrNoVoice
	}
	defer voice.Release()
	call := func(method string, args ...any) (*ole.VARIANT, error) {
		return oleutil.CallMethod(voice, method, args...)
	}
	if _, err := call("Speak", text, speakAsync|speakPlain); err != nil {
		return fmt.Errorf("the voice: %w", err)
	}
	for ctx.Err() == nil {
		said, err := call("WaitUntilDone", int32(200*time.Millisecond/time.Millisecond))
		if err != nil {
			return fmt.Errorf("the voice: %w", err)
		}
		if done, ok := said.Value().(bool); !ok || done {
			return nil
		}
	}
	_, _ = call("Speak", "", speakAsync|speakPurge)
	return ctx.Err()
}
