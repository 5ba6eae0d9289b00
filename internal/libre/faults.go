package libre

import (
	"errors"

	"github.com/llutray/llutray/internal/glucose"
)

// reason is why an answer was no good, finer than a fault's kind. Reasons
// that hold requests back are stored in the session: keep their strings.
type reason string

const (
	reasonOffline      reason = "offline"
	reasonCertificate  reason = "certificate"
	reasonPortal       reason = "portal"
	reasonProxy        reason = "proxy"
	reasonNoProxy      reason = "no_proxy"
	reasonTimeout      reason = "timeout"
	reasonCancelled    reason = "cancelled"
	reasonServer       reason = "server_error"
	reasonNonsense     reason = "nonsense"
	reasonMaintenance  reason = "maintenance"
	reasonThrottled    reason = "throttled"
	reasonPending      reason = "pending" // HTTP 430
	reasonLocked       reason = "locked"
	reasonBlocked      reason = "blocked"
	reasonPassword     reason = "wrong_password"
	reasonTerms        reason = "terms"
	reasonPrivacy      reason = "privacy"
	reasonStepUnknown  reason = "step_unknown"
	reasonStepExpired  reason = "step_expired"
	reasonStepRefused  reason = "step_refused"
	reasonNoStep       reason = "no_step"
	reasonVerifyEmail  reason = "verify_email"
	reasonTooOld       reason = "too_old"
	reasonClosed       reason = "closed"
	reasonNotShared    reason = "not_shared"
	reasonInvited      reason = "invited"
	reasonRevoked      reason = "share_revoked"
	reasonSignedOut    reason = "signed_out"
	reasonCredentials  reason = "credentials"
	reasonOtherDomain  reason = "other_domain"
	reasonRedirect     reason = "redirect"
	reasonDeadToken    reason = "dead_token" // before the renewal was tried
	reasonRenewal      reason = "renewal"    // after it did not help
	reasonHeaderAbsent reason = "header_missing"
)

type text struct {
	kind          glucose.FaultKind
	message, hint string
}

const (
	hintLogin = "Sign in from the tray's menu or with: llutray login"
	hintWait  = "There is nothing to do; llutray keeps trying."
	hintApp   = "Open the LibreLinkUp app on a phone, log out and in again and accept what it asks; or run: llutray login"
)

var texts = map[reason]text{
	reasonOffline: {glucose.Offline, "LibreLinkUp cannot be reached from this computer.",
		"Check the network connection; llutray goes on as soon as it is back."},
	reasonCertificate: {glucose.Offline, "The connection to LibreLinkUp cannot be trusted: its certificate is not in order.",
		"Check this computer's date and time. If they are right, a proxy, a virus scanner or the sign-in page of a public network is in between."},
	reasonPortal: {glucose.Offline, "This network wants you to sign in first, as in a hotel or a train.",
		"Open any page in a browser and sign in to the network; llutray goes on by itself within a minute."},
	reasonProxy: {glucose.Offline, "The proxy between this computer and LibreLinkUp refuses the connection.",
		"Check network.proxy in the settings and HTTPS_PROXY in the environment, and ask who runs the network to allow libreview.io."},
	reasonNoProxy: {glucose.Offline, "The proxy that should lead to LibreLinkUp cannot be reached.",
		"Check the network or VPN connection, network.proxy in the settings and HTTPS_PROXY in the environment; \"none\" goes without a proxy."},
	reasonTimeout: {glucose.ServerError, "LibreLinkUp did not answer in time.",
		"If other sites are slow as well, check the network connection; llutray keeps trying."},
	reasonCancelled: {glucose.ServerError, "The request to LibreLinkUp was given up.", ""},
	reasonServer:    {glucose.ServerError, "LibreLinkUp has a problem and answers with an error.", hintWait},
	reasonNonsense: {glucose.ServerError, "LibreLinkUp gave an answer that could not be understood.",
		"llutray keeps trying; if it stays like this, look for a newer llutray."},
	reasonMaintenance: {glucose.Maintenance, "LibreLinkUp is down for maintenance.",
		"There is nothing to do; llutray goes on when it is over. The phone with the sensor is not affected."},
	reasonThrottled: {glucose.Throttled, "LibreLinkUp asks for fewer requests.",
		"llutray waits as long as asked. Other programs on the same account, or on the same network, count as well."},
	reasonPending: {glucose.Throttled, "LibreLinkUp refuses to sign this account in for now.",
		"Open the LibreLinkUp app on a phone and accept new terms if it asks; llutray tries again later."},
	reasonLocked: {glucose.Locked, "LibreLinkUp has locked this account for a while after too many failed sign-ins.",
		"llutray waits until the lock is over. Check the password in other programs that use the same account."},
	reasonBlocked: {glucose.Blocked, "A gatekeeper in front of LibreLinkUp refuses this computer.",
		"llutray tries again later. If a VPN, proxy or hosted network is in use, go without it; close other programs that ask LibreLinkUp."},
	reasonPassword: {glucose.WrongPassword, "LibreLinkUp refuses the e-mail address or the password.",
		"Sign in again with the account of the LibreLinkUp app, not that of the sensor's app: llutray login"},
	reasonTerms: {glucose.Terms, "LibreLinkUp has new terms of use that wait to be accepted.", hintApp},
	reasonPrivacy: {glucose.Terms, "LibreLinkUp has a new privacy policy that waits to be accepted.",
		hintApp},
	reasonStepUnknown: {glucose.Terms, "LibreLinkUp wants something confirmed that llutray does not know.",
		"Open the LibreLinkUp app on a phone, log out and in again and do what it asks; then sign in again: llutray login"},
	reasonStepExpired: {glucose.Terms, "The confirmation took too long for LibreLinkUp.",
		"Sign in again: llutray login"},
	reasonStepRefused: {glucose.Terms, "LibreLinkUp does not take the confirmation from here.",
		"Open the LibreLinkUp app on a phone, log out and in again and accept what it asks; then sign in again: llutray login"},
	reasonNoStep: {glucose.Terms, "There is nothing to confirm.",
		"Sign in first: llutray login"},
	reasonVerifyEmail: {glucose.VerifyEmail, "LibreLinkUp waits for the e-mail address to be verified.",
		"Open the link in the mail from LibreView, then sign in again: llutray login"},
	reasonTooOld: {glucose.TooOld, "LibreLinkUp demands a newer version than this llutray can be.",
		"Look for a newer llutray."},
	reasonClosed: {glucose.Closed, "The vendor has changed or closed the interface llutray reads.",
		"Look for a newer llutray, and use the LibreLinkUp app until then."},
	reasonNotShared: {glucose.NotShared, "Nobody shares glucose with this account.",
		"Accept the invitation in the LibreLinkUp app on a phone. If this is the account of the phone with the sensor, invite another address there and sign in with that."},
	reasonInvited: {glucose.NotShared, "An invitation to follow somebody waits to be accepted.",
		"Sign in to the LibreLinkUp app on a phone with this same account and accept it there; llutray sees it within some minutes."},
	reasonRevoked: {glucose.ShareRevoked, "This person no longer shares with this account.",
		"Ask them to invite this account again in their Libre app."},
	reasonSignedOut: {glucose.SignedOut, "Nobody is signed in to LibreLinkUp.", hintLogin},
	reasonCredentials: {glucose.SignedOut, "The stored password could not be read.",
		"Unlock the keyring, or sign in again: llutray login"},
	reasonOtherDomain: {glucose.SignedOut, "This account belongs to the separate LibreLinkUp service of Russia or China.",
		"Choose the region ru or cn in the settings, then sign in again: llutray login"},
	reasonRedirect: {glucose.ServerError, "LibreLinkUp sends the sign-in to regions that lead nowhere.",
		"llutray tries again later; if it stays like this, choose the region in the settings."},
	reasonDeadToken: {glucose.ServerError, "LibreLinkUp no longer accepts the stored sign-in.", hintWait},
	reasonRenewal: {glucose.ServerError, "LibreLinkUp refuses the sign-in although the password is right.",
		"llutray tries again later. Open the LibreLinkUp app on a phone to see if it asks for something."},
	reasonHeaderAbsent: {glucose.ServerError, "LibreLinkUp refuses the form of the request.",
		"Look for a newer llutray."},
}

var (
	errWaiting  = errors.New("not asked: waiting as the service told")
	errNoPerson = errors.New("no person given")
)

func newFault(r reason, cause error) *glucose.Fault {
	t := texts[r]
	return &glucose.Fault{Kind: t.kind, Message: t.message, Hint: t.hint, Err: cause}
}
