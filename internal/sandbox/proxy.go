package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A tunnel is the world's end of a proxied connection.
type tunnel struct {
	net.Conn          // the TLS side
	raw      net.Conn // what TLS runs over
	at       place
}

// tunnels is the listener that hands the proxy's connections to the world's
// HTTP server, without another port.
type tunnels struct {
	waiting chan *tunnel
	done    <-chan struct{}
	address net.Addr
}

func (l *tunnels) Accept() (net.Conn, error) {
	select {
	case t := <-l.waiting:
		return t, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *tunnels) Close() error   { return nil }
func (l *tunnels) Addr() net.Addr { return l.address }

// placeKey is the key of a connection's place in the context of its requests.
type placeKey struct{}

func withPlace(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, placeKey{}, conn.(*tunnel).at)
}

// serveProxy answers CONNECT for AWS's hosts on port 443. It refuses and records
// everything else, so that tests see what a program tried to reach.
func (w *World) serveProxy(rw http.ResponseWriter, r *http.Request) {
	host, isHTTPS := strings.CutSuffix(r.Host, ":443")
	at, known := parseHost(host)
	if r.Method != http.MethodConnect || !isHTTPS || !known {
		w.journal.refuse(r.Host)
		http.Error(rw, "the sandbox does not connect to "+r.Host, http.StatusForbidden)
		return
	}
	name := strings.ToLower(host)
	if w.faults.take(at.service, "", true) != nil {
		name = "other-name.example"
	}
	leaf, err := w.authority.issue(name)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	raw, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	raw.SetDeadline(time.Time{}) // remove the proxy's header time-out
	if _, err := raw.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		raw.Close()
		return
	}
	w.journal.connect(at.service)
	// HTTP/1.1 only: net/http/cgi and the Reset fault need it.
	config := &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"http/1.1"}}
	select {
	case w.listener.waiting <- &tunnel{Conn: tls.Server(raw, config), raw: raw, at: at}:
	case <-w.done:
		raw.Close()
	}
}

// The services of the world, for SetDelay, Inject and Count.
const (
	STS     = "sts"
	IAM     = "iam"
	Git     = "git-codecommit" // CodeCommit's git endpoint
	CodeAPI = "codecommit"     // CodeCommit's API endpoint
	SSO     = "portal.sso"     // IAM Identity Center's portal
)

// A place is what a host name stands for: a service in a region of a partition.
type place struct {
	service, region, partition string
}

var awsHost = regexp.MustCompile(`^(vpce-[0-9a-z-]+\.)?(sts|iam|git-codecommit|codecommit|kms|portal\.sso)(?:-fips)?\.` +
	`(?:([a-z]{2,4}(?:-[a-z]+)+-[0-9])\.)?(vpce\.)?amazonaws\.(com\.cn|com|eu)$`)

// parseHost returns the place of a host name. It knows only the hosts of the
// world.
func parseHost(host string) (place, bool) {
	host = strings.ToLower(host)
	// IAM is global and signs for one region of its partition. GovCloud's host
	// name has only a part of that region's name.
	host = strings.Replace(host, "iam.us-gov.", "iam.us-gov-west-1.", 1)
	m := awsHost.FindStringSubmatch(host)
	if m == nil || (m[1] == "") != (m[4] == "") {
		return place{}, false
	}
	at := place{service: m[2], region: m[3]}
	if at.region == "" {
		if at.service != STS && at.service != IAM {
			return place{}, false
		}
		at.region = "us-east-1" // of the global endpoints' signatures
	}
	var suffix string
	at.partition, suffix = partitionOf(at.region)
	return at, suffix == m[5]
}

// partitionOf returns a region's partition and the end of its host names.
func partitionOf(region string) (partition, suffix string) {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", "com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", "com"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc", "eu"
	}
	return "aws", "com"
}

// An authority issues certificates for AWS's host names. Its key exists only in
// memory, so a CA file that is left behind is harmless.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey

	mu     sync.Mutex
	issued map[string]*tls.Certificate
}

// newAuthority makes a CA and writes its certificate to file.
func newAuthority(file string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the sandbox CA: %w", err)
	}
	a := &authority{key: key, issued: map[string]*tls.Certificate{}}
	template := certificateFor("git-credential-mfa sandbox CA")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the sandbox CA: %w", err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("making the sandbox CA: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return nil, fmt.Errorf("writing the sandbox CA: %w", err)
	}
	return a, nil
}

// issue returns the certificate for a host name. It makes each only once.
func (a *authority) issue(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf := a.issued[host]; leaf != nil {
		return leaf, nil
	}
	template := certificateFor(host)
	template.DNSNames = []string{host}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	// CA and leaves share one key, which saves time and protects nothing here.
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", host, err)
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
	a.issued[host] = leaf
	return leaf, nil
}

// certificateFor returns a template with what CA and leaves share. Clients check
// the dates by the machine's clock, not the world's. A month in both directions
// also works for a client with a faked clock.
func certificateFor(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // crypto/rand.Reader never fails
	subject := pkix.Name{CommonName: name}
	if len(name) > 64 { // the X.509 limit, which a vpce host passes
		subject.CommonName = name[:64]
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    time.Now().AddDate(0, -1, 0),
		NotAfter:     time.Now().AddDate(0, 1, 0),
	}
}
