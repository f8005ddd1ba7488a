package sandbox

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An api is a service of AWS's query protocol: forms in, XML out.
type api struct {
	namespace, version string
	actions            map[string]action
}

// An action executes a call. Its result is the XML element ACTIONResult, or nil
// if the action has none.
type action func(*call) (result any, refused *failure)

// A call is a request with a valid signature.
type call struct {
	world *World
	at    place
	who   identity
	form  url.Values
}

// serveQuery answers a call. A queued fault hits it before or after its action.
func (w *World) serveQuery(rw *recorder, r *http.Request, at place, service api) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<20))
	form, formErr := url.ParseQuery(string(body))
	fail := func(f *failure) { service.fail(rw, f) }
	if err != nil || formErr != nil {
		fail(&failure{400, "MalformedInput", "the body is not a form"})
		return
	}
	if service.actions[form.Get("Action")] != nil { // otherwise a client could write any text into the journal
		rw.action = form.Get("Action")
	}
	fault := w.faults.take(at.service, rw.action, false)
	if fault != nil && !fault.AfterWork {
		w.strike(fault, rw, r, fail)
		return
	}
	result, refused := w.do(r, body, form, at, service)
	switch {
	case fault != nil:
		w.strike(fault, rw, r, fail)
	case refused != nil:
		fail(refused)
	default:
		service.answer(rw, result)
	}
}

// do authenticates a request and runs its action.
func (w *World) do(r *http.Request, body []byte, form url.Values, at place, service api) (any, *failure) {
	who, refused := w.authenticate(r, body, at)
	if refused != nil {
		return nil, refused
	}
	run := service.actions[form.Get("Action")]
	if run == nil || form.Get("Version") != service.version {
		return nil, &failure{400, "InvalidAction", fmt.Sprintf("Could not find operation %s for version %s",
			form.Get("Action"), form.Get("Version"))}
	}
	return run(&call{world: w, at: at, who: who, form: form})
}

// answer wraps a result in the protocol's envelope.
func (s api) answer(rw *recorder, result any) {
	var inner []byte
	var err error
	if result != nil {
		inner, err = xml.Marshal(result)
	}
	if err != nil {
		s.fail(rw, &failure{500, "InternalFailure", err.Error()})
		return
	}
	rw.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(rw, "<%[1]sResponse xmlns=%[2]q>%[3]s<ResponseMetadata><RequestId>%[4]s</RequestId></ResponseMetadata></%[1]sResponse>",
		rw.action, s.namespace, inner, rw.Header().Get("x-amzn-RequestId"))
}

// fail answers an error.
func (s api) fail(rw *recorder, f *failure) {
	type detail struct{ Type, Code, Message string }
	blame := "Sender"
	if f.status >= 500 {
		blame = "Receiver"
	}
	answer, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Error     detail
		RequestID string `xml:"RequestId"`
	}{Namespace: s.namespace, Error: detail{blame, f.code, f.message}, RequestID: rw.Header().Get("x-amzn-RequestId")})
	if err != nil {
		panic(err) // cannot happen: there are only strings
	}
	rw.Header().Set("Content-Type", "text/xml")
	rw.WriteHeader(f.status)
	rw.Write(answer)
}

// list returns the names of a list's members, numbered as in the query protocol.
func (c *call) list(name string) []string {
	var members []string
	for i := 1; ; i++ {
		member := fmt.Sprintf("%s.member.%d", name, i)
		found := false
		for key := range c.form {
			found = found || key == member || strings.HasPrefix(key, member+".")
		}
		if !found {
			return members
		}
		members = append(members, member)
	}
}

// values returns the values of a list of strings.
func (c *call) values(name string) []string {
	var values []string
	for _, member := range c.list(name) {
		values = append(values, c.form.Get(member))
	}
	return values
}

// violations collects the errors of AWS's validation, which are one message.
type violations []string

func (v *violations) add(wrong bool, value, member, must string) {
	if wrong {
		*v = append(*v, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, member, must))
	}
}

func (v violations) failure() *failure {
	if len(v) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d validation errors detected: ", len(v))
	if len(v) == 1 {
		text = "1 validation error detected: "
	}
	return &failure{400, "ValidationError", text + strings.Join(v, "; ")}
}
