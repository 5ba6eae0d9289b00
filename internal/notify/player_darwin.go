package notify

import "github.com/llutray/llutray/internal/lang"

const noPlayer = lang.Error("nothing here can play a sound: afplay, which is part of macOS, is missing")

var programs = [][]string{{"/usr/bin/afplay"}}
