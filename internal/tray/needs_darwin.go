package tray

import "context"

// watchNeeds tells nothing: macOS tells programs without a window of their own
// neither of contrast nor of VoiceOver, so the settings decide.
func watchNeeds(context.Context, func(Needs)) {}
