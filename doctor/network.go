package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
)

var (
	ccm810 = code{"CCM810", NetworkGroup, Error, "CodeCommit's host is not reached", "CodeCommit's host is reached"}
	ccm811 = code{"CCM811", NetworkGroup, Error, "git would not trust the certificate of CodeCommit's host", "the certificate of CodeCommit's host is trusted"}
	ccm812 = code{"CCM812", NetworkGroup, Error, "a proxy refuses, not AWS", "no proxy refuses"}
	ccm813 = code{"CCM813", NetworkGroup, Error, "CodeCommit's host does not answer as it should", "CodeCommit asks for a password, as it should"}
	ccm814 = code{"CCM814", NetworkGroup, Error, "STS is not reached", "STS is reached"}
)

// certificateError returns a refused certificate, if that is what happened.
func certificateError(err error) *tls.CertificateVerificationError {
	var refused *tls.CertificateVerificationError
	errors.As(err, &refused)
	return refused
}

// through names the proxy in force.
func (c *Case) through() string {
	if proxy := c.Live.Network.Proxy; proxy != "" {
		return "by way of the proxy " + proxy
	}
	return "directly, without a proxy"
}

func checkReached(c *Case) []Result {
	n := c.Live.Network
	p := n.Anonymous
	_, proxied := p.refusedByProxy()
	switch {
	case c.Live.Offline:
		return ccm810.skip(offlineReason)
	case n.WayErr != nil:
		return ccm810.is([]string{n.WayErr.Error()}, "git config --show-origin --get-regexp '^http\\.'", nil)
	case p.err == nil:
		return ccm810.isNot(c.Live.Target.Host.Name + ", " + c.through())
	case proxied:
		return ccm810.skip("the proxy refuses: CCM812")
	case certificateError(p.err) != nil:
		return ccm810.skip("its certificate is not trusted: CCM811")
	}
	lines := []string{c.Live.Target.Host.Name + ", " + c.through(), transportWords(p.err)}
	fix := "check the network, and behind a company's proxy: git config --global http.proxy http://PROXY:PORT"
	var name *net.DNSError
	if errors.As(p.err, &name) && name.IsNotFound {
		lines = append(lines, "there is no such name: not every region has a FIPS endpoint, and a VPC endpoint's name is known in its VPC only")
		fix = "compare the region with https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html"
	}
	return ccm810.is(lines, fix, nil)
}

// unreached is the reason to skip what needs an answer of AWS's.
func (c *Case) unreached() string {
	p := c.Live.Network.Anonymous
	switch {
	case c.Live.Offline:
		return offlineReason
	case c.Live.Network.WayErr != nil || p.err != nil || !p.aws:
		return "CodeCommit's host was not reached"
	}
	return ""
}

// checkTLS: git and AWS's SDK have lists of certificates of their own.
func checkTLS(c *Case) []Result {
	p := c.Live.Network.Anonymous
	refused := certificateError(p.err)
	switch {
	case refused != nil:
		lines := []string{refused.Err.Error()}
		if chain := refused.UnverifiedCertificates; len(chain) > 0 {
			lines = append(lines, "the certificate is from "+chain[0].Issuer.String())
		}
		if c.Live.Git.OwnCAInfo != "" {
			lines = append(lines, "http.sslCAInfo of the repository's own configuration is not trusted here: whoever sent the repository could read along")
		}
		lines = append(lines, "a proxy that opens TLS has a CA of its own, which git must be told of, and AWS's SDK by AWS_CA_BUNDLE")
		return ccm811.is(lines, "git config --global http.sslCAInfo FILE", nil)
	case c.Live.Offline:
		return ccm811.skip(offlineReason)
	case p.err != nil || c.Live.Network.WayErr != nil:
		return ccm811.skip("CodeCommit's host was not reached")
	}
	return ccm811.isNot()
}

// checkProxy tells a proxy's 403 from AWS's: the latter has an
// x-amzn-RequestId (seen in git-lfs #3127).
func checkProxy(c *Case) []Result {
	n := c.Live.Network
	fix := "have " + c.Live.Target.Host.Name + ":443 allowed in the proxy, or name another: git config --global http.proxy http://PROXY:PORT"
	if refusal, ok := n.Anonymous.refusedByProxy(); ok {
		if refusal.status == http.StatusProxyAuthRequired {
			fix = "git config --global http.proxy http://USER@PROXY:PORT, for which git then asks the password"
		}
		return ccm812.is([]string{fmt.Sprintf("%s: %v, so AWS was never asked", n.Proxy, refusal)}, fix, nil)
	}
	p := n.Anonymous
	status := p.status == http.StatusForbidden || p.status == http.StatusProxyAuthRequired
	switch {
	case c.Live.Offline:
		return ccm812.skip(offlineReason)
	case p.err == nil && n.WayErr == nil && !p.aws && status:
		lines := []string{fmt.Sprintf("the answer is %d, without the x-amzn-RequestId that all of AWS's have", p.status)}
		if p.via != "" {
			lines = append(lines, "it came by way of "+p.via)
		}
		return ccm812.is(lines, fix, nil)
	case p.err != nil || n.WayErr != nil:
		return ccm812.skip("CodeCommit's host was not reached")
	}
	return ccm812.isNot(c.through())
}

// checkAnswer: without a password CodeCommit answers 401 with a challenge, and
// only then does git ask a helper.
func checkAnswer(c *Case) []Result {
	p := c.Live.Network.Anonymous
	switch {
	case c.Live.Offline || p.err != nil || c.Live.Network.WayErr != nil:
		return ccm813.skip(cmp.Or(c.unreached(), offlineReason))
	case p.status == http.StatusUnauthorized && p.basic && p.aws:
		return ccm813.isNot()
	case !p.aws && (p.status == http.StatusForbidden || p.status == http.StatusProxyAuthRequired):
		return ccm813.skip("the answer is a proxy's: CCM812")
	}
	lines := []string{fmt.Sprintf("the answer to a request without a password is %d, where 401 with a challenge (Basic) belongs", p.status)}
	fix := "try again; AWS's own state: https://health.aws.amazon.com/health/status"
	switch {
	case !p.aws:
		lines = append(lines, "it has no x-amzn-RequestId, so it is not AWS's: a portal of this network, say")
		fix = "sign in to the network, or name its proxy: git config --global http.proxy http://PROXY:PORT"
	case p.status == http.StatusTooManyRequests:
		fix = "wait a minute: CodeCommit throttles"
	}
	return ccm813.is(lines, fix, nil)
}

// checkSTS: what reaches CodeCommit need not reach STS, which has another name
// and takes another proxy (the SDK's).
func checkSTS(c *Case) []Result {
	reason := c.noCaller()
	if c.Live.AWS.CallerErr != nil && c.onTheWay() && c.unreached() == "" {
		lines := []string{"CodeCommit's host is reached, STS is not", failure(c.Live.AWS.CallerErr)}
		if errors.Is(c.Live.AWS.CallerErr, context.DeadlineExceeded) {
			lines[1] = "no answer in time"
		}
		return ccm814.is(lines, "name the proxy and its CA for AWS's SDK too: HTTPS_PROXY, AWS_CA_BUNDLE", nil)
	}
	if reason != "" {
		return ccm814.skip(reason)
	}
	return ccm814.isNot()
}
