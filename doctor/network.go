package doctor

import (
	"cmp"
	"fmt"
)

// The HTTP statuses that checks tell apart (RFC 9110). This package does not import
// net/http.
const (
	unauthorized      = 401
	forbidden         = 403
	notFound          = 404
	proxyAuthRequired = 407
	tooManyRequests   = 429
)

// through describes how the host is reached: through a proxy, or directly.
func (e *Evidence) through() string {
	if proxy := e.Network.Proxy; proxy != "" {
		return "through the proxy " + proxy
	}
	if why := e.Network.Direct.Text; why != "" {
		return "directly, without a proxy: " + why
	}
	return "directly, without a proxy"
}

func checkReached(e *Evidence) Finding {
	n := e.Network
	p := n.Anonymous
	switch {
	case e.Offline:
		return skipped(offlineReason)
	case n.WayErr != nil:
		return found("git config --show-origin --get-regexp "+e.System.Quote(`^http\.`), n.WayErr.Error())
	case p.Err == nil:
		return fine(e.Target.Host.Name + ", " + e.through())
	case p.Err.is(ProxyRefused):
		return skipped("the proxy refuses: CCM812")
	case p.Err.is(BadCertificate):
		return skipped("its certificate is not trusted: CCM811")
	}
	lines := []string{e.Target.Host.Name + ", " + e.through(), p.Err.text()}
	fix := "check the network, and behind a company's proxy: git config --global http.proxy http://PROXY:PORT"
	switch {
	case n.Direct.Text != "":
		fix = n.Direct.Fix
	case p.Err.is(NoSuchName):
		lines = append(lines, "the name does not exist: not every region has a FIPS endpoint, and a VPC endpoint's name resolves only in its VPC")
		fix = "compare the region with https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html"
	}
	return found(fix, lines...)
}

// unreached returns the reason to skip a check that needs an answer from AWS,
// or "".
func (e *Evidence) unreached() string {
	p := e.Network.Anonymous
	switch {
	case e.Offline:
		return offlineReason
	case e.Network.WayErr != nil || p.Err != nil || !p.AWS:
		return "CodeCommit's host was not reached"
	}
	return ""
}

// checkTLS checks the certificate as git does. git may trust other authorities than
// the AWS SDK.
func checkTLS(e *Evidence) Finding {
	p := e.Network.Anonymous
	switch {
	case p.Err.is(BadCertificate):
		lines := []string{p.Err.text()}
		if p.Issuer != "" {
			lines = append(lines, "the certificate is from "+p.Issuer)
		}
		if e.Git.OwnCAInfo != "" {
			lines = append(lines, "http.sslCAInfo in the repository's own configuration is not trusted here: its author could read what git sends")
		}
		lines = append(lines, "a proxy that inspects TLS has its own CA: git needs its certificate, and the AWS SDK too, through AWS_CA_BUNDLE")
		return found("git config --global http.sslCAInfo FILE", lines...)
	case e.Witness.Failed() && e.Witness.TLS != "": // git's TLS library has its own rules
		return found("git config --global http.sslCAInfo FILE", "git says: "+e.Witness.TLS)
	case e.Offline:
		return skipped(offlineReason)
	case p.Err != nil || e.Network.WayErr != nil:
		return skipped("CodeCommit's host was not reached")
	}
	return fine()
}

// checkProxy looks for an answer that came from a proxy: AWS's own have an
// x-amzn-RequestId (seen in git-lfs #3127).
func checkProxy(e *Evidence) Finding {
	n := e.Network
	fix := "allow " + e.Target.Host.Name + ":443 in the proxy, or use another: git config --global http.proxy http://PROXY:PORT"
	if refusal := n.Anonymous.Err; refusal.is(ProxyRefused) {
		if n.Anonymous.ProxyStatus == proxyAuthRequired {
			fix = "git config --global http.proxy http://USER@PROXY:PORT, for which git then asks the password"
		}
		return found(fix, fmt.Sprintf("%s: %s, so AWS was never asked", n.Proxy, refusal.Text))
	}
	p := n.Anonymous
	status := p.Status == forbidden || p.Status == proxyAuthRequired
	switch {
	case e.Offline:
		return skipped(offlineReason)
	case p.Err == nil && n.WayErr == nil && !p.AWS && status:
		lines := []string{fmt.Sprintf("the answer is %d, without the x-amzn-RequestId of AWS's answers", p.Status)}
		if p.Via != "" {
			lines = append(lines, "it came through "+p.Via)
		}
		return found(fix, lines...)
	case p.Err != nil || n.WayErr != nil:
		return skipped("CodeCommit's host was not reached")
	}
	return fine(e.through())
}

// checkAnswer checks that CodeCommit answers 401 with a challenge to a request
// without a password: only then does git ask a helper.
func checkAnswer(e *Evidence) Finding {
	p := e.Network.Anonymous
	switch {
	case e.Offline || p.Err != nil || e.Network.WayErr != nil:
		return skipped(cmp.Or(e.unreached(), offlineReason))
	case p.Status == unauthorized && p.Basic && p.AWS:
		return fine()
	case !p.AWS && (p.Status == forbidden || p.Status == proxyAuthRequired):
		return skipped("the answer is a proxy's: CCM812")
	}
	lines := []string{fmt.Sprintf("the answer to a request without a password is %d instead of 401 with a Basic challenge", p.Status)}
	fix := "try again; AWS's own state: https://health.aws.amazon.com/health/status"
	switch {
	case !p.AWS:
		lines = append(lines, "it has no x-amzn-RequestId, so it comes from something else, such as a captive portal")
		fix = "sign in to the network, or set its proxy: git config --global http.proxy http://PROXY:PORT"
	case p.Status == tooManyRequests:
		fix = "wait a minute: CodeCommit throttles"
	}
	return found(fix, lines...)
}

// checkSTS checks whether STS is reached. It has another host name than CodeCommit,
// and the SDK may use another proxy than git.
func checkSTS(e *Evidence) Finding {
	reason := e.noCaller()
	if e.AWS.CallerErr.is(NotReached) && e.unreached() == "" {
		return found("set the proxy and its CA for the AWS SDK too: HTTPS_PROXY, AWS_CA_BUNDLE",
			"CodeCommit's host is reached, STS is not", e.AWS.CallerErr.Text)
	}
	if reason != "" {
		return skipped(reason)
	}
	return fine()
}
