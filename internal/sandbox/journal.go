package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Request is one entry of the world's journal. It has no header, body or
// query, so it contains no secret.
type Request struct {
	Time    time.Time // the world's
	Host    string
	Service string
	Action  string // of the API; GitPull or GitPush; "" for anything else
	Status  int    // 0 if the connection was cut or left hanging
}

// A journal records the requests to the world.
type journal struct {
	mu        sync.Mutex
	requests  []Request
	refused   []string
	connected []string // the services that the proxy connected to
}

// Requests returns all requests so far, in the order of their answers.
func (w *World) Requests() []Request {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Clone(w.journal.requests)
}

// Count returns how often an action was requested, whatever the answer.
func (w *World) Count(service, action string) int {
	n := 0
	for _, r := range w.Requests() {
		if r.Service == service && r.Action == action {
			n++
		}
	}
	return n
}

// Refused returns the targets that the proxy refused, in order.
func (w *World) Refused() []string {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Clone(w.journal.refused)
}

// Connections returns how often the proxy connected to a service. One
// connection may carry many requests. ForgetRequests does not reset it.
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

// ForgetRequests empties the journal, so that a test counts from now on.
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

// A recorder records the status of a handler's answer. The handler sets action.
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
