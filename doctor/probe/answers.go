package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	pullService = "git-upload-pack"
	pushService = "git-receive-pack"
)

// get asks for the references of a repository, and returns the answer with its
// Date.
func (p *Probe) get(ctx context.Context, t doctor.Target, service, username, password string) (doctor.Answer, time.Time) {
	a := doctor.Answer{Asked: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL+"/info/refs?service="+service, nil)
	if err != nil {
		a.Err = p.failed(err)
		return a, time.Time{}
	}
	request.Header.Set("User-Agent", "git/2.0 (git-credential-mfa doctor)")
	if username != "" {
		request.SetBasicAuth(username, password)
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return unanswered(err), time.Time{}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096))
	a.Status, a.Via = answer.StatusCode, answer.Header.Get("Via")
	a.AWS = answer.Header.Get("x-amzn-RequestId") != ""
	a.Basic = strings.HasPrefix(strings.ToLower(answer.Header.Get("WWW-Authenticate")), "basic")
	date, _ := http.ParseTime(answer.Header.Get("Date"))
	return a, date
}

// unanswered returns why there was no answer.
func unanswered(err error) doctor.Answer {
	a := doctor.Answer{Asked: true, Err: &doctor.Failure{Text: transportText(err)}}
	var refusal proxyRefusal
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.As(err, &refusal):
		a.Err = &doctor.Failure{Text: refusal.Error(), Kind: doctor.ProxyRefused}
		a.ProxyStatus = refusal.status
	case errors.As(err, &certificate):
		a.Err = &doctor.Failure{Text: certificate.Err.Error(), Kind: doctor.BadCertificate}
		if chain := certificate.UnverifiedCertificates; len(chain) > 0 {
			a.Issuer = chain[0].Issuer.String()
		}
	case errors.As(err, &name) && name.IsNotFound:
		a.Err.Kind = doctor.NoSuchName
	}
	return a
}

// askNetwork asks without a password, which shows whether CodeCommit is
// reached, and AWS's time.
func (p *Probe) askNetwork(ctx context.Context) {
	e := p.evidence
	if p.client, e.Network.Proxy, e.Network.WayErr = p.wayTo(ctx); e.Network.WayErr != nil {
		return
	}
	before := time.Now()
	answer, date := p.get(ctx, e.Target, pullService, "", "")
	e.Network.Anonymous = answer
	if answer.AWS && !date.IsZero() {
		// A Date is cut off to whole seconds, and is from the middle of the call.
		middle := before.Add(time.Since(before) / 2)
		e.Clock = doctor.ClockEvidence{Known: true, Offset: date.Add(time.Second / 2).Sub(middle), Source: e.Target.Host.Name}
	}
}

// askSigned asks with the long-term key and with the session. It signs with AWS's
// time, since a wrong clock has its own check.
func (p *Probe) askSigned(ctx context.Context) {
	e, n := p.evidence, &p.evidence.Network
	if !n.Anonymous.AWS || !e.Target.Known {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var all sync.WaitGroup
	if p.longTerm() && e.AWS.CallerErr == nil {
		all.Go(func() { n.LongTerm = p.signed(ctx, p.keys, e.Target, pullService) })
	}
	if e.Session.Usable() {
		all.Go(func() { n.Session = p.signed(ctx, session.Credentials(p.session), e.Target, pullService) })
		all.Go(func() { n.Push = p.signed(ctx, session.Credentials(p.session), e.Target, pushService) })
	}
	all.Wait()
	if n.Session.Refused() {
		n.Found = p.otherRegion(ctx)
	}
}

func (p *Probe) signed(ctx context.Context, keys aws.Credentials, t doctor.Target, service string) doctor.Answer {
	at := p.evidence.AWSNow().Add(time.Since(p.evidence.Now))
	signing := codecommit.Keys{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}
	username, password := codecommit.Sign(signing, t.Host, t.Name, at)
	answer, _ := p.get(ctx, t, service, username, password)
	return answer
}

// otherRegion looks for a repository of the same name in the partition's other
// regions, since CodeCommit also answers 403 for one that does not exist. It
// returns the region, or "".
func (p *Probe) otherRegion(ctx context.Context) string {
	e := p.evidence
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	found := make([]bool, len(doctor.Regions))
	slots := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i, region := range doctor.Regions {
		host, err := codecommit.ParseHost(codecommit.HostName(region))
		if err != nil || region == e.Target.Host.Region || codecommit.Partition(region) != codecommit.Partition(e.Target.Host.Region) {
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = p.signed(ctx, session.Credentials(p.session), doctor.NewTarget(host, e.Target.Name), pullService).Passed()
		})
	}
	all.Wait()
	for i, region := range doctor.Regions {
		if found[i] {
			return region
		}
	}
	return ""
}

// transportText is the text of a network error without the URL in front of it.
func transportText(err error) string {
	text, _ := session.Explain(err)
	if _, after, ok := strings.Cut(text, `": `); ok {
		return after
	}
	return text
}
