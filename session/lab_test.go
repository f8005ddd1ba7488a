package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// TestMain gives the locks a folder of their own.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "session-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
			os.Setenv(name, dir)
		}
		return m.Run()
	}())
}

const (
	testKey    = "AKIAEXAMPLE"
	testSerial = "arn:aws:iam::123456789012:mfa/phone"
	testRole   = "arn:aws:iam::210987654321:role/deploy"
)

// lab is a provider whose AWS, keyring and person are the test's.
type lab struct {
	*Provider
	t    *testing.T
	ring *ring
	aws  *pretendAWS
	// codes are what the person types, questions what they were asked.
	codes     []string
	questions []Question
	// told and warned are what the person was told.
	told   []string
	warned []error
	// waited makes it a process that waited for what the ones before did.
	waited bool
}

// labs tells one lab's lock from another's.
var labs atomic.Int32

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, ring: &ring{items: map[string]keyring.Item{}}, aws: &pretendAWS{t: t, answers: map[string][]answer{}}}
	cfg := aws.Config{Region: "us-east-1", HTTPClient: l.aws, RetryMaxAttempts: 1}
	l.Provider = &Provider{
		Source: Source{Profile: "work", Base: "work", ID: fmt.Sprint(t.Name(), labs.Add(1)), Keys: awssource.Keys{AccessKeyID: testKey, SecretAccessKey: "secret"}},
		Region: "us-east-1", Serial: testSerial, SerialFrom: "--mfa-serial", Duration: time.Hour,
		Store:     cache.New(l.ring, "memory"),
		Config:    func(context.Context) (aws.Config, error) { return cfg, nil },
		TokenCode: l.typed, ChooseDevice: func(_ context.Context, serials []string) (string, error) { return serials[len(serials)-1], nil },
		Tell:  func(format string, args ...any) { l.told = append(l.told, fmt.Sprintf(format, args...)) },
		Trace: t.Logf, retryPause: time.Millisecond, Warn: func(err error) { l.warned = append(l.warned, err) }, Started: time.Now(),
	}
	l.codes = []string{"111111", "222222", "333333", "444444"}
	return l
}

// role makes the provider's profile a role.
func (l *lab) role(keys awssource.Keys) {
	l.Source.Profile, l.Source.Keys = "prod", keys
	l.Source.Roles = []awssource.Role{{Profile: "prod", ARN: testRole, Duration: time.Hour, ExternalID: "e"}}
}

var temporaryKeys = awssource.Keys{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "s", SessionToken: "temporary"}

func (l *lab) typed(_ context.Context, q Question) (string, error) {
	l.questions = append(l.questions, q)
	if len(l.codes) == 0 {
		return "", ErrUnanswered
	}
	code := l.codes[0]
	l.codes = l.codes[1:]
	return code, nil
}

// asked checks how often the person and STS were.
func (l *lab) asked(questions, sessions, roles int) {
	l.t.Helper()
	if q, s, r := len(l.questions), l.aws.count("GetSessionToken"), l.aws.count("AssumeRole"); q != questions || s != sessions || r != roles {
		l.t.Errorf("%d questions, %d calls of GetSessionToken, %d of AssumeRole; not %d, %d, %d", q, s, r, questions, sessions, roles)
	}
}

func (l *lab) session(want Want) cache.Session {
	l.t.Helper()
	s, err := l.start(want)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// start is one more process.
func (l *lab) start(want Want) (cache.Session, error) {
	if l.Started = time.Now(); l.waited {
		l.Started = l.Started.Add(-time.Minute)
	}
	return l.Session(l.t.Context(), want)
}

// fails checks the kind of an error, and what it says.
func (l *lab) fails(want Want, kind error, texts ...string) error {
	l.t.Helper()
	_, err := l.start(want)
	if err == nil || kind != nil && !errors.Is(err, kind) {
		l.t.Fatalf("%v, not %v", err, kind)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			l.t.Errorf("%v lacks %q", err, text)
		}
	}
	return err
}

// answer is what AWS says to a call.
type answer struct {
	status int
	body   string
	err    error
}

// failure is an answer of STS's, in its XML.
func failure(status int, code, message string) answer {
	return answer{status: status, body: "<ErrorResponse><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>"}
}

// pretendAWS answers calls in turn, by their action, and then as AWS does where
// all is well.
type pretendAWS struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string][]answer
	calls   []url.Values
	offset  time.Duration // of its clock
	given   int
}

func (a *pretendAWS) next(action string, answers ...answer) {
	a.answers[action] = append(a.answers[action], answers...)
}

func (a *pretendAWS) count(action string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(a.calls), func(form url.Values) bool { return form.Get("Action") != action }))
}

func (a *pretendAWS) last() url.Values { return a.calls[len(a.calls)-1] }

// Do is one call.
func (a *pretendAWS) Do(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		a.t.Error(err)
	}
	a.calls = append(a.calls, form)
	action := form.Get("Action")
	said := answer{status: 200, body: a.well(action)}
	if queue := a.answers[action]; len(queue) > 0 {
		said, a.answers[action] = queue[0], queue[1:]
	}
	if said.err != nil {
		return nil, said.err
	}
	date := time.Now().Add(a.offset).UTC().Format(http.TimeFormat)
	return &http.Response{StatusCode: said.status, Header: http.Header{"Date": {date}}, Body: io.NopCloser(bytes.NewBufferString(said.body)), Request: r}, nil
}

func (a *pretendAWS) well(action string) string {
	a.given++
	credentials := fmt.Sprintf("<Credentials><AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials>",
		a.given, time.Now().Add(a.offset+time.Hour).UTC().Format(time.RFC3339))
	result := map[string]string{
		"GetSessionToken":   credentials,
		"AssumeRole":        credentials + "<AssumedRoleUser><Arn>arn:aws:sts::210987654321:assumed-role/deploy/alice</Arn><AssumedRoleId>x</AssumedRoleId></AssumedRoleUser>",
		"GetCallerIdentity": "<Arn>arn:aws:iam::123456789012:user/alice</Arn><UserId>AIDA</UserId><Account>123456789012</Account>",
		"ListMFADevices":    devices(testSerial),
	}[action]
	return wrapped(action, result)
}

func wrapped(action, result string) string {
	return fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, result)
}

// devices is IAM's list.
func devices(serials ...string) string {
	list := ""
	for _, serial := range serials {
		list += "<member><UserName>alice</UserName><SerialNumber>" + serial + "</SerialNumber><EnableDate>2026-01-01T00:00:00Z</EnableDate></member>"
	}
	return "<MFADevices>" + list + "</MFADevices><IsTruncated>false</IsTruncated>"
}

// ring is a keyring that does as it is told.
type ring struct {
	mu    sync.Mutex
	items map[string]keyring.Item
	fail  error
	full  error // of Set
}

func (r *ring) Get(key string) (keyring.Item, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	item, ok := r.items[key]
	switch {
	case r.fail != nil:
		return item, r.fail
	case !ok:
		return item, keyring.ErrKeyNotFound
	}
	return item, nil
}

func (r *ring) Set(item keyring.Item) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil || r.full != nil {
		return errors.Join(r.fail, r.full)
	}
	r.items[item.Key] = item
	return nil
}

func (r *ring) Remove(key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.items, key)
	return r.fail
}

func (r *ring) Keys() (keys []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.items {
		keys = append(keys, key)
	}
	return keys, r.fail
}
