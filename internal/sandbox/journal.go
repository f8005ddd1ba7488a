package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Request is one line of the world's log. It holds no header, body or query,
// so no secret can be in it.
type Request struct {
	Time    time.Time // the world's
	Host    string
	Service string
	Action  string // of the query protocol; GitPull, GitPush; "" for anything else
	Status  int    // 0 when the connection was cut or left hanging
}

// A journal collects what the world was asked.
type journal struct {
	mu       sync.Mutex
	requests []Request
	refused  []string
	// connected are the services that the proxy connected to.
	connected []string
}

// Requests are all requests so far, in the order of their answers.
func (w *World) Requests() []Request {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Clone(w.journal.requests)
}

// Count is how often an action was asked for, whatever the answer.
func (w *World) Count(service, action string) int {
	n := 0
	for _, r := range w.Requests() {
		if r.Service == service && r.Action == action {
			n++
		}
	}
	return n
}

// Refused are the targets that the proxy would not connect to, in order.
func (w *World) Refused() []string {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Clone(w.journal.refused)
}

// Connections is how often the proxy connected to a service, however many
// requests went over each connection. ForgetRequests does not begin anew.
func (w *World) Connections(service string) int {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	n := 0
	for _, s := range w.journal.connected {
		if s == service {
			n++
		}
	}
	return n
}

// ForgetRequests empties the log, so that a test counts from here on.
func (w *World) ForgetRequests() {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	w.journal.requests, w.journal.refused = nil, nil
}

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, r)
}

func (j *journal) connect(service string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.connected = append(j.connected, service)
}

func (j *journal) refuse(target string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.refused = append(j.refused, target)
}

// A recorder notes the status that a handler answers, and the action that it
// found out was asked for.
type recorder struct {
	http.ResponseWriter
	status int
	action string
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
