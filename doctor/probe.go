package doctor

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// probe is one request of git's kind, GET info/refs, which changes nothing.
type probe struct {
	asked  bool
	status int
	// aws is true if the answer has x-amzn-RequestId, which a proxy's has not.
	aws   bool
	basic bool
	via   string
	date  time.Time
	err   error
}

func (p probe) passed() bool { return p.asked && p.err == nil && p.status == http.StatusOK }
func (p probe) refused() bool {
	return p.asked && p.err == nil && p.status == http.StatusForbidden && p.aws
}

// NetworkEvidence is what CodeCommit's host answered.
type NetworkEvidence struct {
	Proxy     string
	WayErr    error
	Anonymous probe
	LongTerm  probe
	Session   probe // fetching, with the session
	Push      probe
	// Found is the region in which the session may read a repository of this
	// name, if not in the host's.
	Found string

	client *http.Client
}

const (
	pullService = "git-upload-pack"
	pushService = "git-receive-pack"
)

// get asks for the references of a repository.
func (n *NetworkEvidence) get(ctx context.Context, t Target, service, username, password string) probe {
	p := probe{asked: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address(t.Host.Name, t.Name)+"/info/refs?service="+service, nil)
	if err != nil {
		p.err = err
		return p
	}
	request.Header.Set("User-Agent", "git/2.0 (git-credential-mfa doctor)")
	if username != "" {
		request.SetBasicAuth(username, password)
	}
	answer, err := n.client.Do(request)
	if err != nil {
		p.err = err
		return p
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096))
	p.status, p.via = answer.StatusCode, answer.Header.Get("Via")
	p.aws = answer.Header.Get("x-amzn-RequestId") != ""
	p.basic = strings.HasPrefix(strings.ToLower(answer.Header.Get("WWW-Authenticate")), "basic")
	p.date, _ = http.ParseTime(answer.Header.Get("Date"))
	return p
}

// askNetwork asks without a password: the way there, and the time.
func (l Live) askNetwork(ctx context.Context, e *Evidence) {
	w := e.wayTo()
	e.Network.Proxy, e.Network.WayErr, e.Network.client = w.proxy, w.err, w.client
	if w.err != nil {
		return
	}
	before := time.Now()
	p := e.Network.get(ctx, e.Target, pullService, "", "")
	e.Network.Anonymous = p
	if p.aws && !p.date.IsZero() {
		// A Date has whole seconds, cut off, and took half of the way.
		middle := before.Add(time.Since(before) / 2)
		e.Clock = ClockEvidence{true, p.date.Add(time.Second / 2).Sub(middle), e.Target.Host.Name}
	}
}

// askSigned asks with the long-term key and with the session, signed with
// AWS's time: that the clock is wrong is told by the check of the clock.
func (l Live) askSigned(ctx context.Context, e *Evidence) {
	n := &e.Network
	if !n.Anonymous.aws || !e.Target.Known {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var all sync.WaitGroup
	if e.AWS.longTerm() && e.AWS.CallerErr == nil {
		all.Go(func() { n.LongTerm = e.signed(ctx, e.AWS.keys, e.Target, pullService) })
	}
	if e.Session.usable() {
		all.Go(func() { n.Session = e.signed(ctx, e.sessionKeys(), e.Target, pullService) })
		all.Go(func() { n.Push = e.signed(ctx, e.sessionKeys(), e.Target, pushService) })
	}
	all.Wait()
	if n.Session.refused() {
		n.Found = e.elsewhere(ctx)
	}
}

func (e *Evidence) signed(ctx context.Context, keys aws.Credentials, t Target, service string) probe {
	username, password := codecommit.Sign(codecommit.Keys{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}, t.Host, t.Name, e.awsNow().Add(time.Since(e.Now)))
	return e.Network.get(ctx, t, service, username, password)
}

// elsewhere looks for a repository of the same name in the partition's other
// regions: CodeCommit answers 403 for one that is not there, too.
func (e *Evidence) elsewhere(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	found := make([]bool, len(regions))
	slots := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i, region := range regions {
		host, err := codecommit.ParseHost(codecommit.HostName(region))
		if err != nil || region == e.Target.Host.Region || codecommit.Partition(region) != codecommit.Partition(e.Target.Host.Region) {
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = e.signed(ctx, e.sessionKeys(), newTarget(host, e.Target.Name), pullService).passed()
		})
	}
	all.Wait()
	for i, region := range regions {
		if found[i] {
			return region
		}
	}
	return ""
}

// refusedByProxy returns the proxy's own refusal, if that is what happened.
func (p probe) refusedByProxy() (proxyRefusal, bool) {
	var refusal proxyRefusal
	return refusal, errors.As(p.err, &refusal)
}

// transportWords are the network's own, without the URL in front of them.
func transportWords(err error) string {
	text, _ := session.Explain(err)
	if _, after, ok := strings.Cut(text, `": `); ok {
		return after
	}
	return text
}
