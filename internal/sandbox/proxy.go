package sandbox

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"time"
)

// A tunnel is a proxied connection, seen from its end inside the world.
type tunnel struct {
	net.Conn          // the TLS side
	raw      net.Conn // what TLS runs over
	at       place
}

// tunnels is the listener by which connections that the proxy accepted reach
// the world's HTTP server without another port.
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

// placeKey finds a connection's place in the context of its requests.
type placeKey struct{}

func withPlace(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, placeKey{}, conn.(*tunnel).at)
}

// serveProxy answers CONNECT for AWS's hosts on port 443 and refuses and notes
// everything else, so that tests can tell whom a program tried to reach.
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
	raw.SetDeadline(time.Time{}) // the proxy's header time-out was on it
	if _, err := raw.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		raw.Close()
		return
	}
	// HTTP/1.1 only: net/http/cgi and the Reset fault need it.
	config := &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"http/1.1"}}
	select {
	case w.listener.waiting <- &tunnel{Conn: tls.Server(raw, config), raw: raw, at: at}:
	case <-w.done:
		raw.Close()
	}
}
