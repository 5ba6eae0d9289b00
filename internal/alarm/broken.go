package alarm

import (
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Link is a part of the way from a sensor to this screen.
type Link string

// The links, from here to there.
const (
	LinkUnknown  Link = ""
	LinkComputer Link = "computer" // this computer: its clock, or a program that is too old
	LinkNetwork  Link = "network"
	LinkService  Link = "service"
	LinkSignIn   Link = "sign_in"
	LinkPhone    Link = "phone" // the person's, and what it shares
	LinkSensor   Link = "sensor"
)

// Words names the link for people.
func (l Link) Words() string {
	switch l {
	case LinkUnknown:
		return lang.T("why is not known")
	case LinkComputer:
		return lang.T("this computer")
	case LinkNetwork:
		return lang.T("the network")
	case LinkService:
		return "LibreLinkUp"
	case LinkSignIn:
		return lang.T("the sign-in")
	case LinkPhone:
		return lang.T("their phone")
	case LinkSensor:
		return lang.T("the sensor")
	}
	return string(l)
}

// LinkOf tells which link a fault breaks.
func LinkOf(k glucose.FaultKind) Link {
	switch k {
	case glucose.ClockFault, glucose.TooOld:
		return LinkComputer
	case glucose.Offline:
		return LinkNetwork
	case glucose.ServerError, glucose.Maintenance, glucose.Throttled, glucose.Blocked, glucose.Closed:
		return LinkService
	case glucose.Locked, glucose.WrongPassword, glucose.Terms, glucose.VerifyEmail, glucose.SignedOut:
		return LinkSignIn
	case glucose.UploadDelayed, glucose.NotShared, glucose.ShareRevoked:
		return LinkPhone
	case glucose.NoSensor, glucose.WarmingUp, glucose.SensorEnded:
		return LinkSensor
	}
	return LinkUnknown
}

// brokenLink names the link that no data is about. Without a fault it may
// still be known that the sensor gives nothing now.
func brokenLink(d Decision) Link {
	switch {
	case d.Fault != nil:
		return LinkOf(d.Fault.Kind)
	case warmingUp(d.Sensor, d.Time), ended(d.Sensor, d.Time):
		return LinkSensor
	}
	return LinkUnknown
}
