package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

// TestSession: asked once, then kept; New asks again, and names the session.
func TestSession(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := l.session(Kept)
	if s.Serial != testSerial || s.ARN != "arn:aws:iam::123456789012:user/alice" || s.Account != "123456789012" || s.SpentCode != "111111" || s.SessionToken != "t" {
		t.Errorf("%+v", s)
	}
	if again := l.session(Kept); again.AccessKeyID != s.AccessKeyID {
		t.Errorf("%+v", again)
	}
	l.session(Checked)
	l.asked(1, 1, 0)
	l.session(New)
	l.asked(2, 2, 0)
	form := l.aws.calls[0]
	if form.Get("SerialNumber") != testSerial || form.Get("TokenCode") != "111111" || form.Get("DurationSeconds") != "3600" {
		t.Errorf("%v", form)
	}
	if q := l.questions[0]; q.Profile != "work" || q.Device != testSerial || q.Again != "" {
		t.Errorf("%+v", q)
	}
	keys := Credentials(s)
	if keys.AccessKeyID != s.AccessKeyID || !keys.CanExpire || s.Left() < 59*time.Minute {
		t.Errorf("%+v", s)
	}
}

// TestSoonOver: a session that ends within five minutes is not used.
func TestSoonOver(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s := l.session(Kept)
	s.Expiration = time.Now().Add(4 * time.Minute)
	if err := l.Store.PutSession(s); err != nil {
		t.Fatal(err)
	}
	l.session(Kept)
	l.asked(2, 2, 0)
}

// TestTemporary: temporary keys are used as they are.
func TestTemporary(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Source.Keys = temporaryKeys
	s := l.session(New)
	if s.SessionToken != "temporary" || s.Serial != "" || !s.Expiration.IsZero() {
		t.Errorf("%+v", s)
	}
	// Also where only running something tells that they are.
	l.Source.Keys, l.Source.Elsewhere = awssource.Keys{}, true
	l.Config = l.configWith(aws.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "s", SessionToken: "temporary",
		CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil)
	if s := l.session(Kept); s.SessionToken != "temporary" || s.Left() < 59*time.Minute {
		t.Errorf("%+v", s)
	}
	l.asked(0, 0, 0)
}

// configWith has the SDK find keys, or none.
func (l *lab) configWith(keys aws.Credentials, err error) func(context.Context) (aws.Config, error) {
	return func(context.Context) (aws.Config, error) {
		return aws.Config{Region: "us-east-1", HTTPClient: l.aws,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, err })}, nil
	}
}

// TestManyAtOnce: one asks, the others use what it got.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"session", "role"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if kind == "role" {
				l.role(temporaryKeys)
				l.Source.RoleSerial.Text = testSerial
			}
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					if _, err := l.Session(t.Context(), Kept); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if kind == "role" {
				l.asked(1, 0, 1)
			} else {
				l.asked(1, 1, 0)
			}
		})
	}
}

// TestTries: a wrong or used code is followed by another question, three in all.
func TestTries(t *testing.T) {
	t.Parallel()
	wrong := failure(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	l := newLab(t)
	l.aws.next("GetSessionToken", wrong)
	l.session(Kept)
	l.asked(2, 2, 0)
	if len(l.told) != 1 || !strings.Contains(l.told[0], "wait for the next code (") || l.questions[1].Again != l.told[0] {
		t.Errorf("%q %+v", l.told, l.questions)
	}
	l.aws.next("GetSessionToken", wrong, wrong, wrong)
	l.codes = []string{"5", "6", "7"}
	l.fails(New, ErrCode, "after 3 tries: ")

	l = newLab(t)
	l.codes = []string{"111111", "111111"}
	l.session(Kept)
	l.fails(New, ErrUnanswered) // STS is not asked about a code that it took
	l.asked(3, 1, 0)

	l = newLab(t)
	l.OneTry = true
	l.aws.next("GetSessionToken", wrong)
	l.fails(Kept, ErrCode)
	l.asked(1, 1, 0)
}

// TestSTSErrors: each has its kind, for the hint, and is tried again only where
// that can't spend a code twice.
func TestSTSErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		kind   error
		calls  int
		text   string
	}{
		"code":           {failure(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "), ErrCode, 1, ""},
		"serial":         {failure(403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify"), ErrSerial, 1, testSerial + `", from --mfa-serial`},
		"serial's form":  {failure(400, "ValidationError", "1 validation error detected: Value 'x' at 'serialNumber' failed"), ErrSerial, 1, ""},
		"temporary":      {failure(403, "AccessDenied", "Cannot call GetSessionToken with session credentials"), ErrTemporary, 1, ""},
		"key":            {failure(403, "InvalidClientTokenId", "The security token included in the request is invalid."), ErrKey, 1, ""},
		"secret":         {failure(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"), ErrSecret, 1, ""},
		"clock":          {failure(403, "SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), ErrClock, 2, ""},
		"clock, ahead":   {failure(403, "SignatureDoesNotMatch", "Signature not yet current"), ErrClock, 2, ""},
		"expired":        {failure(400, "RequestExpired", ""), ErrClock, 2, ""},
		"region":         {failure(403, "RegionDisabledException", "STS is not activated in this region"), ErrRegion, 1, ""},
		"throttled":      {failure(400, "Throttling", "Rate exceeded"), ErrThrottled, 3, "Rate exceeded"},
		"down":           {failure(503, "ServiceUnavailable", ""), ErrDown, 3, ""},
		"a page":         {answer{status: 200, body: "<html>Welcome</html>"}, ErrNotSTS, 1, ""},
		"a bad page":     {answer{status: 200, body: "<SECRET><b></SECRET>"}, ErrNotSTS, 1, "STS: HTTP status 200"},
		"a proxy's page": {answer{status: 403, body: "<html>SECRET</html>"}, ErrNotSTS, 1, "STS: HTTP status 403"},
		"its bad page":   {answer{status: 403, body: "<SECRET><b></SECRET>"}, ErrNotSTS, 1, "STS: HTTP status 403"},
		"elsewhere":      {answer{status: 301}, ErrNotSTS, 1, "STS: HTTP status 301"},
		"a gateway":      {answer{status: 502, body: "<SECRET><b></SECRET>"}, ErrDown, 3, "STS failed: HTTP status 502"},
		"no XML":         {answer{status: 200, body: "Welcome"}, ErrNotSTS, 1, ""},
		"another error":  {failure(400, "Strange", "a word"), nil, 1, "asking STS for a session: Strange"},
		"no session":     {answer{status: 200, body: wrapped("GetSessionToken", "<Credentials></Credentials>")}, nil, 1, "holds no session"},
		"long over":      {answer{status: 200, body: wrapped("GetSessionToken", "<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2020-01-01T00:00:00Z</Expiration></Credentials>")}, nil, 1, "impossible expiration"},
		"no answer":      {answer{err: &awsclient.CallError{Sent: true, Err: io.EOF}}, ErrNoAnswer, 1, "closed before the answer was whole"},
		"not reached":    {answer{err: &awsclient.CallError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}}, ErrUnreachable, 3, "refused"},
		"proxy":          {answer{err: &awsclient.CallError{Err: awsclient.ProxyRefusal(407)}}, ErrProxy, 1, "407 Proxy Authentication Required"},
		"certificate":    {answer{err: &awsclient.CallError{Err: &tls.CertificateVerificationError{Err: errors.New("unknown")}}}, ErrTLS, 1, ""},
		"no TLS":         {answer{err: &awsclient.CallError{Err: http.ErrSchemeMismatch}}, ErrNotSTS, 1, ""},
		"time":           {answer{err: context.DeadlineExceeded}, ErrNoAnswer, 1, ""},
		"of the SDK's":   {answer{err: &url.Error{Op: "Post", URL: "https://x", Err: io.EOF}}, nil, 1, "closed"},
		"an IAM message": {failure(400, "Strange", strings.Repeat("long ", 100)), nil, 1, "..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.OneTry = true
			l.aws.next("GetSessionToken", c.answer, c.answer, c.answer)
			err := l.fails(Kept, c.kind, c.text)
			l.asked(1, c.calls, 0)
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("it shows what answered: %v", err)
			}
			if ended := name == "long over"; IsAnswer(err) == ended {
				t.Errorf("an answer: %v", !ended)
			}
		})
	}
}

// TestSpentByAFailure: a code that STS refuses after it failed may have been
// used by the call that failed.
func TestSpentByAFailure(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.OneTry = true
	l.aws.next("GetSessionToken", failure(500, "InternalFailure", ""), failure(403, "AccessDenied", "invalid MFA one time pass code"))
	l.fails(Kept, ErrCode, "perhaps the call that failed just before used it")
}

// TestRefusals: who waited for a question gets its end as an error; a person's
// command asks all the same.
func TestRefusals(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.codes = nil
	l.fails(Kept, ErrUnanswered)
	l.waited = true
	l.fails(Kept, ErrRefused, "not answered")
	l.asked(1, 0, 0)
	l.ByHand, l.codes = true, []string{"111111"}
	l.session(Kept)
	l.asked(2, 1, 0)

	// A new process is told, so that no window pops up.
	l = newLab(t)
	l.codes = nil
	l.fails(Kept, ErrUnanswered)
	l.fails(Kept, ErrUnanswered)
	if !strings.Contains(l.questions[1].NoWindows, "was not answered 0 s ago") {
		t.Errorf("%+v", l.questions)
	}

	// Nobody could be asked: others may have a terminal.
	l = newLab(t)
	l.TokenCode = func(context.Context, Question) (string, error) { return "", ErrNotAsked }
	l.fails(Kept, ErrNotAsked)
	l.waited = true
	l.fails(Kept, ErrNotAsked)
}

// TestBusy: the lock is waited for with a limit, and a canceled wait ends.
func TestBusy(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	dir, err := cache.LockDir()
	if err != nil {
		t.Fatal(err)
	}
	held, err := cache.Lock(t.Context(), dir, l.Identity())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := l.Session(ctx, Kept); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	l.asked(0, 0, 0)
}

// TestKeyringFails: it is not an empty one; the code is asked at a terminal only,
// and the session used once.
func TestKeyringFails(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.ring.fail = cache.ErrLocked
	l.session(Kept)
	if l.questions[0].TerminalOnly == "" || len(l.warned) != 1 || !errors.Is(l.warned[0], cache.ErrLocked) {
		t.Errorf("%+v %v", l.questions, l.warned)
	}
	l.ByHand = true
	l.fails(Kept, cache.ErrLocked)
	l.asked(1, 1, 0)
	l.ByHand = false
	l.TokenCode = func(context.Context, Question) (string, error) { return "", ErrNotAsked }
	l.fails(Kept, cache.ErrLocked)

	// A session that can't be stored serves git, after a warning before the
	// question. A person who types login is not asked for a code.
	l = newLab(t)
	l.ring.full = errors.New("disk full")
	warnedBefore := 0
	typed := l.TokenCode
	l.TokenCode = func(ctx context.Context, q Question) (string, error) {
		warnedBefore = len(l.warned)
		return typed(ctx, q)
	}
	l.session(Kept)
	if warnedBefore != 1 || len(l.warned) != 1 || !strings.Contains(l.warned[0].Error(), "used this once and not kept") {
		t.Errorf("%d warnings before the question, %v", warnedBefore, l.warned)
	}
	l.ByHand = true
	l.fails(New, nil, "disk full")
	l.asked(1, 1, 0)
}

// TestFullBetween: a disk that fills up while the code is typed still costs
// git nothing, and a login fails.
func TestFullBetween(t *testing.T) {
	t.Parallel()
	for _, byHand := range []bool{false, true} {
		l := newLab(t)
		l.ByHand = byHand
		typed := l.TokenCode
		l.TokenCode = func(ctx context.Context, q Question) (string, error) {
			l.ring.full = errors.New("disk full")
			return typed(ctx, q)
		}
		if byHand {
			l.fails(Kept, nil, "disk full")
		} else if l.session(Kept); len(l.warned) != 1 {
			t.Errorf("%v", l.warned)
		}
	}
}

// TestRole: assumed from the session, kept, and assumed anew without a code.
func TestRole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.role(l.Source.Keys)
	s := l.session(Kept)
	if s.ARN != "arn:aws:sts::210987654321:assumed-role/deploy/alice" || s.Account != "210987654321" || s.Serial != "" || s.Profile != "prod" {
		t.Errorf("%+v", s)
	}
	form := l.aws.last()
	if form.Get("RoleArn") != testRole || form.Get("ExternalId") != "e" || form.Get("RoleSessionName") != "alice" || form.Has("TokenCode") {
		t.Errorf("%v", form)
	}
	l.session(Kept)
	l.asked(1, 1, 1)
	l.session(Checked)
	l.asked(1, 1, 2)
	l.session(New)
	l.asked(2, 2, 3)
}

// TestRoleErrors: a role's errors are its own; no code may have been used.
func TestRoleErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		kind   error
		calls  int
		text   string
	}{
		"denied":        {failure(403, "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole"), ErrRoleDenied, 1, "assuming the role " + testRole},
		"over":          {failure(403, "ExpiredToken", "The security token included in the request is expired"), ErrExpired, 1, ""},
		"down":          {failure(500, "InternalFailure", ""), ErrDown, 3, ""},
		"clock":         {failure(403, "SignatureDoesNotMatch", "Signature expired"), ErrClock, 2, ""},
		"cut off":       {answer{err: &awsclient.CallError{Sent: true, Err: io.ErrUnexpectedEOF}}, ErrUnreachable, 1, ""},
		"no keys":       {answer{status: 200, body: wrapped("AssumeRole", "")}, nil, 1, "holds no session"},
		"another error": {failure(400, "Strange", "word"), nil, 1, "Strange: word"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.role(l.Source.Keys)
			l.aws.next("AssumeRole", c.answer, c.answer, c.answer)
			l.fails(Kept, c.kind, c.text)
			l.asked(1, 1, c.calls)
			l.waited = true
			l.fails(Kept, ErrRole)
			l.asked(1, 1, c.calls)
		})
	}
	for _, end := range []string{"2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"} {
		l := newLab(t)
		l.role(l.Source.Keys)
		l.aws.next("AssumeRole", answer{status: 200, body: wrapped("AssumeRole", "<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"+end+"</Expiration></Credentials>")})
		l.fails(Kept, nil, "assuming the role "+testRole+": the answer has an impossible expiration, "+end)
	}
	l := newLab(t)
	l.role(l.Source.Keys)
	l.Source.Roles[0].ARN = "arn:aws-cn:iam::1:role/r"
	l.fails(Kept, ErrPartition)
}

// TestRoleWithCode: over temporary keys the code goes into AssumeRole.
func TestRoleWithCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.role(temporaryKeys)
	l.Serial, l.Source.Serial.Text, l.Source.RoleSerial.Text = "base", "base", testSerial
	s := l.session(Kept)
	form := l.aws.last()
	if s.Serial != testSerial || s.SpentCode != "111111" || form.Get("SerialNumber") != testSerial || form.Get("TokenCode") != "111111" {
		t.Errorf("%+v %v", s, form)
	}
	l.session(Kept)
	l.session(Checked) // nothing is asked for what is there
	l.asked(1, 0, 1)
	l.codes = []string{"111111", "222222"}
	l.session(New) // the used code is known
	l.asked(3, 0, 2)

	wrong := failure(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	l.aws.next("AssumeRole", wrong, wrong, wrong)
	l.codes = []string{"3", "4", "5"}
	l.fails(New, ErrCode, "after 3 tries")
	l.aws.next("AssumeRole", failure(403, "AccessDenied", "unable to validate MFA code"))
	l.codes = []string{"6"}
	l.fails(New, ErrSerial, testSerial+`", from mfa_serial at `)
	l.aws.next("AssumeRole", answer{err: &awsclient.CallError{Sent: true, Err: io.EOF}})
	l.codes = []string{"7"}
	l.fails(New, ErrNoAnswer, "may have been used")
	l.Serial = "GAHT12345678" // chosen by an option
	l.codes = []string{"8"}
	if s := l.session(New); s.Serial != "GAHT12345678" {
		t.Errorf("%+v", s)
	}
	l.Source.RoleSerial.Text, l.Serial = "arn:aws:iam::1:u2f/user/a/k", ""
	l.fails(New, ErrFIDO)

	// Without mfa_serial nothing is asked, and the error says what would be.
	l = newLab(t)
	l.role(temporaryKeys)
	l.aws.next("AssumeRole", failure(403, "AccessDenied", "not authorized"))
	l.fails(Kept, ErrNoCode)
	l.asked(0, 0, 1)

	// The keyring fails.
	l = newLab(t)
	l.role(temporaryKeys)
	l.Source.RoleSerial.Text, l.ring.fail = testSerial, cache.ErrLocked
	l.session(Kept)
	if len(l.warned) != 1 || l.questions[0].TerminalOnly == "" {
		t.Errorf("%v", l.warned)
	}

	// It can be read, but not written to.
	l = newLab(t)
	l.role(temporaryKeys)
	l.Source.RoleSerial.Text, l.ring.full, l.ByHand = testSerial, errors.New("disk full"), true
	l.fails(Kept, nil, "disk full")
	l.asked(0, 0, 0)
}

// TestRoleUnkept: a role's credentials that can't be kept serve this once.
func TestRoleUnkept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.role(l.Source.Keys)
	l.ring.fail = cache.ErrLocked
	l.session(Kept)
	l.asked(1, 1, 1)
}

// TestDevice: a device that nothing names is found, once, or chosen.
func TestDevice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Serial = ""
	l.session(Kept)
	l.session(New)
	if n := l.aws.count("ListMFADevices"); n != 1 {
		t.Errorf("%d calls of ListMFADevices", n)
	}
	l.aws.next("GetSessionToken", failure(403, "AccessDenied", "unable to validate MFA code"))
	l.fails(New, ErrSerial, "found by iam:ListMFADevices")
	l.aws.next("ListMFADevices", answer{status: 200, body: wrapped("ListMFADevices", devices("one", "arn:aws:iam::1:u2f/user/a/k", "two"))})
	serial, from, err := l.FindDevice(t.Context()) // it was forgotten
	if err != nil || serial != "two" || from != "found by iam:ListMFADevices" {
		t.Error(serial, from, err)
	}
	for name, c := range map[string]struct {
		answer answer
		kind   error
		text   string
	}{
		"none":        {answer{status: 200, body: wrapped("ListMFADevices", devices())}, ErrNoDevice, ""},
		"FIDO":        {answer{status: 200, body: wrapped("ListMFADevices", devices("arn:aws:iam::1:u2f/user/a/k"))}, ErrFIDO, ""},
		"denied":      {failure(403, "AccessDenied", "User is not authorized to perform: iam:ListMFADevices"), ErrListDenied, ""},
		"key":         {failure(403, "InvalidClientTokenId", ""), ErrKey, ""},
		"not reached": {answer{err: &awsclient.CallError{Err: errors.New("x")}}, ErrUnreachable, "IAM could not be reached"},
		"cut off":     {answer{err: &awsclient.CallError{Sent: true, Err: io.EOF}}, ErrUnreachable, "IAM could not be reached"},
		"strange":     {failure(400, "Strange", "word"), nil, "Strange: word"},
	} {
		l := newLab(t)
		l.Serial = ""
		l.aws.next("ListMFADevices", c.answer, c.answer, c.answer)
		_, err := l.ListDevices(t.Context())
		if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l = newLab(t)
	l.Serial = "arn:aws:iam::1:u2f/user/a/k"
	l.fails(Kept, ErrFIDO)
	l.Serial, l.Source.RoleSerial.Text = "", testSerial
	if serial, from, err := l.FindDevice(t.Context()); serial != testSerial || !strings.HasPrefix(from, "from mfa_serial") || err != nil {
		t.Error(serial, from, err)
	}
}

// TestClock: an offset is kept with the session, told, and forgotten when the
// clock is right again.
func TestClock(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.aws.offset = 20 * time.Minute
	s := l.session(Kept)
	if (s.ClockOffset-20*time.Minute).Abs() > 5*time.Second || len(l.told) != 1 || !strings.Contains(l.told[0], "behind AWS's") {
		t.Errorf("%v %q", s.ClockOffset, l.told)
	}
	if s := l.session(Kept); s.ClockOffset == 0 {
		t.Error("it is not kept")
	}
	l.ClockOffset = func(_ context.Context, kept time.Duration) time.Duration { return 0 }
	if s := l.session(Kept); s.ClockOffset != 0 {
		t.Errorf("%+v", s)
	}
	if kept, err := l.Store.Session(l.Identity()); err != nil || kept.ClockOffset != 0 {
		t.Errorf("%v %v", kept.ClockOffset, err)
	}
	l = newLab(t)
	l.role(temporaryKeys)
	l.aws.offset = -20 * time.Minute
	if s := l.session(Kept); s.ClockOffset > -19*time.Minute || len(l.told) != 1 || !strings.Contains(l.told[0], "ahead of") {
		t.Errorf("%v %q", s.ClockOffset, l.told)
	}
}

// TestNameUnknown: a session is no worse for not being named.
func TestNameUnknown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	down := failure(500, "InternalFailure", "")
	l.aws.next("GetCallerIdentity", down, down, down)
	if s := l.session(Kept); s.ARN != "" {
		t.Errorf("%+v", s)
	}
}

// TestSourceErrors: what gives no keys says why, without what it printed.
func TestSourceErrors(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.Source.Keys = awssource.Keys{}
	l.fails(Kept, ErrNoCredentials)
	l.Config = l.configWith(aws.Credentials{}, fmt.Errorf("of the SDK's: %w", errors.New("no ec2imds role found")))
	l.fails(Kept, ErrNoCredentials, `profile "work"`)
	l.Config = l.configWith(aws.Credentials{}, errors.New("the login session has expired"))
	l.fails(Kept, ErrExpired)
	l.Config = func(context.Context) (aws.Config, error) { return aws.Config{}, errors.New("no file") }
	l.fails(Kept, nil, "loading the AWS configuration: no file")
	if _, err := l.SourceConfig(t.Context()); err == nil {
		t.Error("no error")
	}
	l.Config = l.configWith(aws.Credentials{AccessKeyID: "AKIA1", SecretAccessKey: "s"}, nil)
	cfg, err := l.Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := l.SourceKeys(t.Context(), cfg); err != nil || keys.AccessKeyID != "AKIA1" {
		t.Error(keys.AccessKeyID, err)
	}
	l.session(Kept)
}

// TestStarting is said before AWS is asked, and not for what is kept.
func TestStarting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	started := 0
	l.Starting = func() { started++ }
	l.session(Kept)
	l.session(Kept)
	if started != 1 {
		t.Error(started)
	}
}
