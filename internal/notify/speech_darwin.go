package notify

const voiceHint = "the program say is missing"

func newVoices() []voice { return []voice{talker{program: "say"}} }
