// Package nightscout speaks with a Nightscout site, both ways.
//
// Source reads a site as a source of readings; it sends the site nothing but
// its access token. Uploader sends readings there: time, value, trend and the
// word "llutray" for the device, no name; everybody who may read the site sees
// them. Merged takes the fresher of two sources. Handler is the other side: a
// small part of Nightscout's interface over the readings of this computer, for
// widgets and watch faces, to be served on loopback only.
//
// All of it is off until the user sets a site and a token.
//
// Interface v1 takes the hash of the site's secret or an access token; v3
// takes a JWT that an access token is exchanged for. One site is uploaded to
// through one of them: they do not see each other's entries as the same.
package nightscout
