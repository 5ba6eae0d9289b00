// Package mqtt tells an MQTT broker of the user's own how the people who are
// followed do, so that Home Assistant and scripts can show it and act on it.
//
// What leaves the computer: for each person the newest value, its trend,
// change, time and range, the alarm that stands and the kind of fault, and for
// Home Assistant the person's name, or with Config.NoNames a number. It goes to
// the one broker in the settings and, as retained messages, stays there until
// the next one. It is off until a broker is set.
//
// A value is never left behind to be believed: an old one is replaced by null,
// and when this program ends, or the broker loses it, the topic "status" says
// "offline".
//
// State and Discovery are pure. Publisher holds the connection; nobody waits
// for it. It speaks MQTT 5, as the brokers in use have for years, that of
// Home Assistant among them; subscribers may speak any version.
package mqtt
