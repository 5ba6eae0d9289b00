// Package relay tells alarms to people who are not at this computer: through
// Telegram, ntfy, Pushover, Matrix, e-mail, a webhook and the other services
// of nicholas-fedor/shoutrrr.
//
// What leaves the computer: the title and the text of an alarm, as the desktop
// shows them, or with Rule.ContentFree the news that there is one and nothing
// else. It goes to the services that the user has added, each by its own
// rule, and to nobody else. No reading is sent apart from an alarm.
//
// Book is the pure part: what is to be sent when, what was heard, what is to
// be tried again. It has no clock. Outbox owns one and sends, for each relay
// in its own line, so that a service that hangs keeps no other back. The
// sending itself is done in a short-lived child process (Child, Serve): the
// services' library takes no context, so a server that never answers can only
// be left by ending the process, and neither its faults nor the secrets in its
// errors reach the program that sounds the alarms.
package relay
