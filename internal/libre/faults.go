package libre

import (
	"errors"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
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

// The texts pass through lang.T when a fault is made.
var (
	hintLogin = lang.Mark("Sign in from the tray's menu or with: llutray login")
	hintWait  = lang.Mark("There is nothing to do; llutray keeps trying.")
	hintApp   = lang.Mark("Open the LibreLinkUp app on a phone, log out and in again and accept what it asks; or run: llutray login")
)

var texts = map[reason]text{
	reasonOffline: {glucose.Offline, lang.Mark("LibreLinkUp cannot be reached from this computer."),
		lang.Mark("Check the network connection; llutray goes on as soon as it is back.")},
	reasonCertificate: {glucose.Offline, lang.Mark("The connection to LibreLinkUp cannot be trusted: its certificate is not in order."),
		lang.Mark("Check this computer's date and time. If they are right, a proxy, a virus scanner or the sign-in page of a public network is in between.")},
	reasonPortal: {glucose.Offline, lang.Mark("This network wants you to sign in first, as in a hotel or a train."),
		lang.Mark("Open any page in a browser and sign in to the network; llutray goes on by itself within a minute.")},
	reasonProxy: {glucose.Offline, lang.Mark("The proxy between this computer and LibreLinkUp refuses the connection."),
		lang.Mark("Check network.proxy in the settings and HTTPS_PROXY in the environment, and ask who runs the network to allow libreview.io.")},
	reasonNoProxy: {glucose.Offline, lang.Mark("The proxy that should lead to LibreLinkUp cannot be reached."),
		lang.Mark("Check the network or VPN connection, network.proxy in the settings and HTTPS_PROXY in the environment; \"none\" goes without a proxy.")},
	reasonTimeout: {glucose.ServerError, lang.Mark("LibreLinkUp did not answer in time."),
		lang.Mark("If other sites are slow as well, check the network connection; llutray keeps trying.")},
	reasonCancelled: {glucose.ServerError, lang.Mark("The request to LibreLinkUp was given up."), ""},
	reasonServer:    {glucose.ServerError, lang.Mark("LibreLinkUp has a problem and answers with an error."), hintWait},
	reasonNonsense: {glucose.ServerError, lang.Mark("LibreLinkUp gave an answer that could not be understood."),
		lang.Mark("llutray keeps trying; if it stays like this, look for a newer llutray.")},
	reasonMaintenance: {glucose.Maintenance, lang.Mark("LibreLinkUp is down for maintenance."),
		lang.Mark("There is nothing to do; llutray goes on when it is over. The phone with the sensor is not affected.")},
	reasonThrottled: {glucose.Throttled, lang.Mark("LibreLinkUp asks for fewer requests."),
		lang.Mark("llutray waits as long as asked. Other programs on the same account, or on the same network, count as well.")},
	reasonPending: {glucose.Throttled, lang.Mark("LibreLinkUp refuses to sign this account in for now."),
		lang.Mark("Open the LibreLinkUp app on a phone and accept new terms if it asks; llutray tries again later.")},
	reasonLocked: {glucose.Locked, lang.Mark("LibreLinkUp has locked this account for a while after too many failed sign-ins."),
		lang.Mark("llutray waits until the lock is over. Check the password in other programs that use the same account.")},
	reasonBlocked: {glucose.Blocked, lang.Mark("A gatekeeper in front of LibreLinkUp refuses this computer."),
		lang.Mark("llutray tries again later. If a VPN, proxy or hosted network is in use, go without it; close other programs that ask LibreLinkUp.")},
	reasonPassword: {glucose.WrongPassword, lang.Mark("LibreLinkUp refuses the e-mail address or the password."),
		lang.Mark("Sign in again with the account of the LibreLinkUp app, not that of the sensor's app: llutray login")},
	reasonTerms: {glucose.Terms, lang.Mark("LibreLinkUp has new terms of use that wait to be accepted."), hintApp},
	reasonPrivacy: {glucose.Terms, lang.Mark("LibreLinkUp has a new privacy policy that waits to be accepted."),
		hintApp},
	reasonStepUnknown: {glucose.Terms, lang.Mark("LibreLinkUp wants something confirmed that llutray does not know."),
		lang.Mark("Open the LibreLinkUp app on a phone, log out and in again and do what it asks; then sign in again: llutray login")},
	reasonStepExpired: {glucose.Terms, lang.Mark("The confirmation took too long for LibreLinkUp."),
		lang.Mark("Sign in again: llutray login")},
	reasonStepRefused: {glucose.Terms, lang.Mark("LibreLinkUp does not take the confirmation from here."),
		lang.Mark("Open the LibreLinkUp app on a phone, log out and in again and accept what it asks; then sign in again: llutray login")},
	reasonNoStep: {glucose.Terms, lang.Mark("There is nothing to confirm."),
		lang.Mark("Sign in first: llutray login")},
	reasonVerifyEmail: {glucose.VerifyEmail, lang.Mark("LibreLinkUp waits for the e-mail address to be verified."),
		lang.Mark("Open the link in the mail from LibreView, then sign in again: llutray login")},
	reasonTooOld: {glucose.TooOld, lang.Mark("LibreLinkUp demands a newer version than this llutray can be."),
		lang.Mark("Look for a newer llutray.")},
	reasonClosed: {glucose.Closed, lang.Mark("The vendor has changed or closed the interface llutray reads."),
		lang.Mark("Look for a newer llutray, and use the LibreLinkUp app until then.")},
	reasonNotShared: {glucose.NotShared, lang.Mark("Nobody shares glucose with this account."),
		lang.Mark("Accept the invitation in the LibreLinkUp app on a phone. If this is the account of the phone with the sensor, invite another address there and sign in with that.")},
	reasonInvited: {glucose.NotShared, lang.Mark("An invitation to follow somebody waits to be accepted."),
		lang.Mark("Sign in to the LibreLinkUp app on a phone with this same account and accept it there; llutray sees it within some minutes.")},
	reasonRevoked: {glucose.ShareRevoked, lang.Mark("This person no longer shares with this account."),
		lang.Mark("Ask them to invite this account again in their Libre app.")},
	reasonSignedOut: {glucose.SignedOut, lang.Mark("Nobody is signed in to LibreLinkUp."), hintLogin},
	reasonCredentials: {glucose.SignedOut, lang.Mark("The stored password could not be read."),
		lang.Mark("Unlock the keyring, or sign in again: llutray login")},
	reasonOtherDomain: {glucose.SignedOut, lang.Mark("This account belongs to the separate LibreLinkUp service of Russia or China."),
		lang.Mark("Choose the region ru or cn in the settings, then sign in again: llutray login")},
	reasonRedirect: {glucose.ServerError, lang.Mark("LibreLinkUp sends the sign-in to regions that lead nowhere."),
		lang.Mark("llutray tries again later; if it stays like this, choose the region in the settings.")},
	reasonDeadToken: {glucose.ServerError, lang.Mark("LibreLinkUp no longer accepts the stored sign-in."), hintWait},
	reasonRenewal: {glucose.ServerError, lang.Mark("LibreLinkUp refuses the sign-in although the password is right."),
		lang.Mark("llutray tries again later. Open the LibreLinkUp app on a phone to see if it asks for something.")},
	reasonHeaderAbsent: {glucose.ServerError, lang.Mark("LibreLinkUp refuses the form of the request."),
		lang.Mark("Look for a newer llutray.")},
}

var (
	errWaiting  = errors.New("not asked: waiting as the service told")
	errNoPerson = errors.New("no person given")
)

func newFault(r reason, cause error) *glucose.Fault {
	t := texts[r]
	return &glucose.Fault{Kind: t.kind, Message: lang.T(t.message), Hint: lang.T(t.hint), Err: cause}
}
