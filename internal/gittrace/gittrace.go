// Package gittrace reads git's traces of a run: the events of GIT_TRACE2_EVENT
// (Documentation/technical/api-trace2), curl's headers and notes by GIT_TRACE_CURL
// (http.c), and git's messages, which are mixed on its stderr. The traces contain
// the session token; a Trace contains no secret.
package gittrace

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Environment turns on the traces that a Reader reads, and turns off those that
// show more or go to a file.
func Environment() []string {
	return []string{
		"GIT_TRACE2_EVENT=1", "GIT_TRACE_CURL=1", "GIT_TRACE_CURL_NO_DATA=1", "GIT_TRACE_REDACT=1",
		"GIT_TRACE2=0", "GIT_TRACE2_PERF=0", "GIT_TRACE2_EVENT_BRIEF=0", "GIT_TRACE2_ENV_VARS=", "GIT_TRACE2_CONFIG_PARAMS=",
		"LANGUAGE=en", // the messages are shown in a report in English
	}
}

// Trace is what git did in one run.
type Trace struct {
	Helpers  []Helper  // in the order of their starts
	Requests []Request // in the order of sending
	// Connected is the host and port of the last connection: the server's, or a
	// proxy's if Tunnel is true.
	Connected string
	Tunnel    bool
	// TLS is the TLS library's message about a certificate that it refused.
	TLS string
	// Messages are git's errors, such as "unable to access …", each once, at most
	// ten. A message may have several lines.
	Messages []string
	// Said are the messages of this program as git's helper: its error and hint.
	Said []string
}

// Helper is one run of a credential helper.
type Helper struct {
	// Name is its name after "git-credential-", or its program: "store", "gh".
	Name      string
	Operation string // "get", "store" or "erase"
	// Ours is true for this program.
	Ours bool
	// Ended is true if it has ended; Status is then its exit status.
	Ended  bool
	Status int
}

// Authorization is what a request carried.
type Authorization int

const (
	// None means that there was no password.
	None Authorization = iota
	// Empty is an empty username and password.
	Empty
	// LongTermKey is a signature with a long-term access key.
	LongTermKey
	// TemporaryKey is a signature with a session's key.
	TemporaryKey
	// GitCredential is an HTTPS Git credential of IAM's, NAME-at-ACCOUNT.
	GitCredential
	// OtherUser is a username of another shape.
	OtherUser
	// Header is an Authorization header of a setting (http.extraHeader).
	Header
)

// Request is one HTTP request.
type Request struct {
	// Connect is true for a request to a proxy for a tunnel.
	Connect bool
	Sent    Authorization
	// Asked is how many helpers had been asked for a password before it.
	Asked int
	// Status is the status of the answer, 0 without one.
	Status int
	// AWS is true if the answer has x-amzn-RequestId, which all of AWS's have.
	AWS bool
}

// Reader reads git's stderr as an io.Writer. It keeps no line.
type Reader struct {
	trace Trace
	rest  []byte
	long  bool // the current line is too long, and is dropped
	user  *Authorization
	child map[string]int // the place in trace.Helpers, by process and child
	fatal []string       // git's errors as stderr has them
}

// maxLine bounds a line. git's longest line contains a session token, of at most
// 4,096 bytes (STS).
const maxLine = 64 << 10

// Write reads the lines that are complete. It never fails, because git must not end
// over a trace that can't be read.
func (r *Reader) Write(p []byte) (int, error) {
	written := len(p)
	for {
		line, after, whole := bytes.Cut(p, []byte("\n"))
		if r.long = r.long || len(r.rest)+len(line) > maxLine; r.long {
			r.rest = r.rest[:0]
		} else {
			r.rest = append(r.rest, line...)
		}
		if !whole {
			return written, nil
		}
		if !r.long {
			r.line(strings.TrimSuffix(string(r.rest), "\r"))
		}
		clear(r.rest)
		r.rest, r.long, p = r.rest[:0], false, after
	}
}

// Trace returns what was read so far.
func (r *Reader) Trace() Trace {
	t := r.trace
	if len(t.Messages) == 0 {
		t.Messages = r.fatal // git before 2.22 has no events
	}
	return t
}

// curlLine is a line of GIT_TRACE_CURL. Lines with the size of a header have no
// colon, and do not match.
var curlLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9:.]+ http\.c:[0-9]+ +(== Info|=> Send header|<= Recv header): ?(.*)$`)
})

func (r *Reader) line(line string) {
	if strings.HasPrefix(line, `{"event":`) {
		r.event([]byte(line))
		return
	}
	if parts := curlLine().FindStringSubmatch(line); parts != nil {
		switch text := strings.TrimSpace(parts[2]); parts[1] {
		case "== Info":
			r.info(text)
		case "=> Send header":
			r.sent(text)
		default:
			r.received(text)
		}
		return
	}
	if text, ok := strings.CutPrefix(line, "git-credential-mfa: "); ok {
		keep(&r.trace.Said, text)
	}
	if text, ok := strings.CutPrefix(line, "fatal: "); ok {
		keep(&r.fatal, text)
	}
}

// keep adds a message without its secrets, unless it is already there.
func keep(messages *[]string, text string) {
	text = Redact(text) // mutation: no secret of git's messages
	if len(*messages) < 10 && !slices.Contains(*messages, text) {
		*messages = append(*messages, text)
	}
}

// event is an event of trace2, as far as it is read.
type event struct {
	Event    string
	Process  string   `json:"sid"`
	Child    int      `json:"child_id"`
	UseShell bool     `json:"use_shell"`
	Argv     []string `json:"argv"`
	Code     int      `json:"code"`
	Msg      string   `json:"msg"`
}

func (r *Reader) event(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		return
	}
	id := e.Process + " " + strconv.Itoa(e.Child)
	switch e.Event {
	case "child_start":
		// credential.c runs "helper words get" in a shell.
		if e.UseShell && len(e.Argv) == 1 {
			r.helper(id, e.Argv[0])
		}
	case "child_exit":
		if i, ok := r.child[id]; ok {
			r.trace.Helpers[i].Ended, r.trace.Helpers[i].Status = true, e.Code
		}
	case "error": // of die() and error()
		keep(&r.trace.Messages, e.Msg)
	}
}

func (r *Reader) helper(id, command string) {
	at := strings.LastIndexByte(command, ' ')
	h := Helper{Operation: command[at+1:]}
	if at < 0 || h.Operation != "get" && h.Operation != "store" && h.Operation != "erase" {
		return
	}
	h.Name = programOf(command[:at])
	h.Ours = h.Name == "mfa"
	if r.child == nil {
		r.child = map[string]int{}
	}
	r.child[id] = len(r.trace.Helpers)
	r.trace.Helpers = append(r.trace.Helpers, h)
}

// helperProgram is a helper's name after "git credential-" or "git-credential-".
// plainWord is a program of another name, such as gh.
var (
	helperProgram = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bgit[ -]credential-([A-Za-z0-9-]{1,40})`) })
	plainWord     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w.~:/\\+-]*?([\w.+-]{1,40})(?: |$)`) })
)

// programOf returns the name of a helper's program, without its arguments,
// which may be a password.
func programOf(command string) string {
	if parts := helperProgram().FindStringSubmatch(command); parts != nil {
		return parts[1]
	}
	if parts := plainWord().FindStringSubmatch(command); parts != nil {
		return parts[1]
	}
	return "a shell command"
}

// info reads one of curl's notes. Those about TLS differ between TLS libraries.
func (r *Reader) info(text string) {
	t := &r.trace
	if _, rest, ok := strings.Cut(text, "Server auth using "); ok {
		_, user, _ := strings.Cut(rest, "with user '")
		sent := classify(strings.TrimSuffix(user, "'"))
		r.user = &sent
		return
	}
	if parts := connected().FindStringSubmatch(text); parts != nil {
		t.Connected, t.Tunnel = parts[1]+":"+parts[2], false
		return
	}
	if refusedCertificate().MatchString(text) {
		t.TLS = Redact(text)
	}
}

// connected is curl's note, since 8.16 the second form:
//
//	Connected to HOST (ADDRESS) port PORT
//	Established connection to HOST (ADDRESS port PORT) from …
var connected = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:Connected|Established connection) to (\S+) \(\S+?\)? port ([0-9]+)`)
})

// refusedCertificate is the message of GnuTLS, OpenSSL and its forks, and Windows
// for a certificate that they refuse.
var refusedCertificate = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(server (?:certificate )?verification failed|SSL certificate problem|SSL: no alternative|schannel: .*failed)`)
})

// requestLine begins a request: "GET /v1/repos/demo/info/refs HTTP/1.1".
var requestLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(GET|POST|CONNECT) \S+ HTTP/`)
})

func (r *Reader) sent(header string) {
	t := &r.trace
	if parts := requestLine().FindStringSubmatch(header); parts != nil {
		request := Request{Connect: parts[1] == "CONNECT", Asked: t.asked()}
		if t.Tunnel = t.Tunnel || request.Connect; !request.Connect && r.user != nil {
			request.Sent = *r.user
		}
		if !request.Connect {
			r.user = nil
		}
		t.Requests = append(t.Requests, request)
		return
	}
	name, _, _ := strings.Cut(header, ":")
	if last := t.last(); last != nil && strings.EqualFold(name, "Authorization") && last.Sent == None {
		last.Sent = Header
	}
}

func (r *Reader) received(header string) {
	last := r.trace.last()
	if last == nil {
		return
	}
	if strings.HasPrefix(header, "HTTP/") {
		if words := strings.Fields(header); len(words) > 1 {
			last.Status, _ = strconv.Atoi(words[1])
		}
		return
	}
	name, _, _ := strings.Cut(header, ":")
	last.AWS = last.AWS || strings.EqualFold(name, "x-amzn-RequestId")
}

// asked returns how many helpers were asked.
func (t *Trace) asked() (n int) {
	for _, h := range t.Helpers {
		if h.Operation == "get" {
			n++
		}
	}
	return n
}

func (t *Trace) last() *Request {
	if len(t.Requests) == 0 {
		return nil
	}
	return &t.Requests[len(t.Requests)-1]
}
