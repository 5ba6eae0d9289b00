package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/go-ole/go-ole"
	"github.com/go-ole/go-ole/oleutil"

	"github.com/llutray/llutray/internal/lang"
)

const noVoice = lang.Error("nothing here can speak: install a voice in the settings of Windows")

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

// languages are those that a voice may have, in the order of preference: the
// hexadecimal language identifiers of Windows, as its voices list them.
var languages = map[string][]string{
	"en": {"409", "809", "C09"}, "de": {"407", "C07", "807"}, "es": {"C0A", "40A", "80A"}, "fr": {"40C", "C0C", "80C"},
	"it": {"410"}, "nl": {"413", "813"}, "pl": {"415"}, "pt": {"816", "416"}, "pt-br": {"416", "816"},
}

// chooseVoice takes a voice of the language in use, where the user's own is of
// another and there is one; it goes on with the user's otherwise.
func chooseVoice(voice *ole.IDispatch) {
	wanted := languages[voiceLanguage()]
	if own, err := oleutil.GetProperty(voice, "Voice"); err == nil {
		has, err := oleutil.CallMethod(own.ToIDispatch(), "GetAttribute", "Language")
		_ = own.Clear()
		if err == nil && speaks(has.ToString(), wanted) {
			return
		}
	}
	for _, id := range wanted {
		found, err := oleutil.CallMethod(voice, "GetVoices", "Language="+id, "")
		if err != nil {
			continue
		}
		token, err := oleutil.CallMethod(found.ToIDispatch(), "Item", 0)
		_ = found.Clear()
		if err != nil {
			continue // none
		}
		_, err = oleutil.PutPropertyRef(voice, "Voice", token.ToIDispatch())
		_ = token.Clear()
		if err == nil {
			return
		}
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
	chooseVoice(voice)
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
