package sandbox

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Trouble is the kind of a fault.
type Trouble int

const (
	Answer Trouble = iota // an error answer with the fault's status and code
	Hang                  // no answer before the client or the world goes away
	Reset                 // the connection is cut (TCP RST)
	Portal                // 200 and a page of HTML, like a hotel's captive portal
	Bytes                 // the fault's Bytes as they are, then the connection is closed
	BadTLS                // a certificate for another name; Action is ignored, since it is not known yet
)

// A Fault is what goes wrong with coming requests to a service.
type Fault struct {
	Service, Action string // Action "": any
	Trouble         Trouble
	Status          int    // of an Answer; 0 is 500
	Code, Message   string // of an Answer; Code "" is InternalFailure
	Bytes           string
	Times           int // how many requests it hits; 0 is one
	// AfterWork executes the request before the fault: it spends the MFA code and
	// makes the session, but the client sees only the failure. STS and IAM only.
	AfterWork bool
}

// faults are the faults that have not hit their requests yet, oldest first.
type faults struct {
	mu     sync.Mutex
	queue  []*Fault
	delays map[string]time.Duration
}

// Inject queues a fault.
func (w *World) Inject(f Fault) {
	f.Times = max(f.Times, 1)
	if f.Status == 0 {
		f.Status = http.StatusInternalServerError
	}
	if f.Code == "" { // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
		f.Code = "InternalFailure"
		f.Message = "The request processing has failed because of an unknown error, exception or failure."
	}
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.queue = append(w.faults.queue, &f)
}

// Throttle makes the next n calls of an action answer "Rate exceeded".
func (w *World) Throttle(service, action string, n int) {
	w.Inject(Fault{Service: service, Action: action, Times: n,
		Status: http.StatusBadRequest, Code: "Throttling", Message: "Rate exceeded"})
}

// ClearFaults removes the faults that have not hit their requests.
func (w *World) ClearFaults() {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.queue = nil
}

// SetDelay makes a service take at least d for each request.
func (w *World) SetDelay(service string, d time.Duration) {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.delays[service] = d
}

// take returns the oldest fault for a request and counts it down, or nil. For a
// connection it looks only for BadTLS, because the action is known only later.
func (q *faults) take(service, action string, connection bool) *Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, f := range q.queue {
		if f.Service != service || (f.Trouble == BadTLS) != connection ||
			(!connection && f.Action != "" && f.Action != action) {
			continue
		}
		if f.Times--; f.Times == 0 {
			q.queue = append(q.queue[:i:i], q.queue[i+1:]...)
		}
		return f
	}
	return nil
}

// pause waits for the service's delay, or until the client or the world ends.
func (w *World) pause(service string, r *http.Request) {
	w.faults.mu.Lock()
	d := w.faults.delays[service]
	w.faults.mu.Unlock()
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	case <-w.done:
	}
}

// strike executes a fault. answer writes an error in the service's format.
func (w *World) strike(f *Fault, rw http.ResponseWriter, r *http.Request, answer func(*failure)) {
	switch f.Trouble {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-w.done:
		}
		panic(http.ErrAbortHandler)
	case Reset:
		raw := hijack(rw).raw
		if tcp, ok := raw.(*net.TCPConn); ok {
			tcp.SetLinger(0) // drops unsent data, and the client sees RST
		}
		raw.Close()
	case Bytes:
		conn := hijack(rw)
		_, _ = io.WriteString(conn, f.Bytes)
		conn.Close()
	case Portal:
		rw.Header().Del("x-amzn-RequestId") // only AWS gives one
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, "<html><body>Welcome to our hotel. Please sign in.</body></html>")
	default:
		answer(&failure{status: f.Status, code: f.Code, message: f.Message})
	}
}

// hijack takes the connection over from the HTTP server.
func hijack(rw http.ResponseWriter) *tunnel {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn.(*tunnel)
}
