package sandbox

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Trouble is the way in which a fault shows.
type Trouble int

const (
	Answer Trouble = iota // an error answer with the fault's status and code
	Hang                  // no answer before the client or the world goes away
	Reset                 // the connection is cut (TCP RST)
	Portal                // 200 and a page of HTML, as a hotel's network answers whatever is asked
	Bytes                 // the fault's Bytes as they are, and the connection is closed
	BadTLS                // a certificate for another name; Action is not known then and not looked at
)

// A Fault is what goes wrong with coming requests to a service.
type Fault struct {
	Service, Action string // Action "": any
	Trouble         Trouble
	Status          int    // of an Answer; 0 is 500
	Code, Message   string // of an Answer; Code "" is InternalFailure
	Bytes           string
	Times           int // how many requests it meets; 0 is one
	// AfterWork lets the request be done first: an MFA code is spent, a
	// session made, and the client learns only of the failure. STS and IAM only.
	AfterWork bool
}

// faults are the troubles that still wait for their request, oldest first.
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

// ClearFaults forgets the faults that have not met their request.
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

// take finds the oldest fault for a request and counts it down. Connections
// and requests look for their own kinds: the action comes only after TLS.
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

// pause is the service's delay, cut short when the client or the world goes.
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

// strike plays out a fault; answer writes an error in the service's form.
func (w *World) strike(f *Fault, rw http.ResponseWriter, r *http.Request, answer func(*failure)) {
	switch f.Trouble {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-w.done:
		}
		panic(http.ErrAbortHandler)
	case Reset:
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*tunnel).raw.(*net.TCPConn); ok {
			tcp.SetLinger(0) // unsent data is dropped and the peer sees RST
		}
		conn.(*tunnel).raw.Close()
	case Bytes:
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(conn, f.Bytes)
		conn.Close()
	case Portal:
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, "<html><body>Welcome to our hotel. Please sign in.</body></html>")
	default:
		answer(&failure{status: f.Status, code: f.Code, message: f.Message})
	}
}
