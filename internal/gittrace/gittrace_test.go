package gittrace

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const (
	token     = "IQoJb3JpZ2luX2VjEXAMPLE/8+pO5XRfKHIQextcHC5HQqWgYQyTgHx0kCNsncZD7p3U2IXq6Wvz/DmfWLG0YEJqxDM1KHU+xXiIds8GranenxAjCd6Wvb=="
	session   = "ASIAIOSFODNN7EXAMPLE%" + token
	password  = "20261128T054017Zaabbccddeeff00112233445566778899aabbccddeeff00112233445566778899"
	git       = "20261128T054017.640289Z-H0a7c9cdf-P00005df0"
	helperRun = git + "/20261128T054017.676517Z-H0a7c9cdf-P00005e0d"
)

func childStart(process string, child int, shell bool, argv string) string {
	return fmt.Sprintf(`{"event":"child_start","sid":%q,"thread":"main","child_id":%d,"child_class":"?","use_shell":%v,"argv":[%s]}`, process, child, shell, argv) + "\n"
}

func childExit(process string, child, code int) string {
	return fmt.Sprintf(`{"event":"child_exit","sid":%q,"child_id":%d,"pid":7,"code":%d,"t_rel":0.01}`, process, child, code) + "\n"
}

func info(text string) string {
	return "05:40:17.722666 http.c:725              == Info: " + text + "\n"
}

func sent(headers ...string) string {
	text := "05:40:17.723591 http.c:672              => Send header, 0000000928 bytes (0x000003a0)\n"
	for _, h := range headers {
		text += "05:40:17.723608 http.c:684              => Send header: " + h + "\n"
	}
	return text
}

func received(headers ...string) string {
	text := ""
	for _, h := range headers {
		text += "05:40:17.726859 http.c:872              <= Recv header, 0000000017 bytes (0x00000011)\n" +
			"05:40:17.726873 http.c:872              <= Recv header: " + h + "\r\n"
	}
	return text
}

func failed(message string) string {
	return fmt.Sprintf(`{"event":"error","sid":%q,"msg":%q,"fmt":"x"}`, git, message) + "\nfatal: " + message + "\n"
}

const (
	get     = "GET /v1/repos/demo/info/refs?service=git-upload-pack HTTP/1.1"
	connect = "CONNECT git-codecommit.us-east-1.amazonaws.com:443 HTTP/1.1"
)

func read(text string, step int) Trace {
	var r Reader
	for len(text) > 0 {
		n := min(step, len(text))
		_, _ = r.Write([]byte(text[:n]))
		text = text[n:]
	}
	return r.Trace()
}

func TestReader(t *testing.T) {
	refused := info("Connected to 127.0.0.1 (127.0.0.1) port 36341 (#0)") + sent(connect, "Host: x:443", "") +
		received("HTTP/1.1 200 Connection established", "") + sent(get, "Accept: */*") + received("HTTP/1.1 401 Unauthorized", "X-Amzn-Requestid: ab", "")
	anonymous := []Request{{Connect: true, Status: 200}, {Status: 401, AWS: true}}
	for name, c := range map[string]struct {
		text string
		want Trace
	}{
		"our helper, then well": {refused + childStart(git, 0, true, `"git credential-mfa get"`) +
			childStart(helperRun, 0, false, `"git-credential-mfa","get"`) + childExit(helperRun, 0, 0) + childExit(git, 0, 0) +
			info("Server auth using Basic with user '"+session+"'") + sent(get, "Authorization: Basic <redacted>") + received("HTTP/1.1 200 OK", "X-Amzn-Requestid: ab") +
			childStart(git, 1, true, `"git credential-mfa store"`) + childExit(git, 1, 0),
			Trace{Connected: "127.0.0.1:36341", Tunnel: true, Requests: append(anonymous[:2:2], Request{Sent: TemporaryKey, Asked: 1, Status: 200, AWS: true}),
				Helpers: []Helper{{"mfa", "get", true, true, 0}, {"mfa", "store", true, true, 0}}}},
		"our helper has no session": {childStart(git, 0, true, `"/opt/x\\ y/git-credential-mfa --profile work get"`) +
			"git-credential-mfa: error: asking for the MFA code: asking is forbidden by --prompt none\ngit-credential-mfa: hint: run in a terminal: git-credential-mfa login\n" +
			childExit(git, 0, 1) + failed("credential helper '/opt/x\\ y/git-credential-mfa --profile work' told us to quit"),
			Trace{Helpers: []Helper{{"mfa", "get", true, true, 1}}, Said: []string{"error: asking for the MFA code: asking is forbidden by --prompt none", "hint: run in a terminal: git-credential-mfa login"},
				Messages: []string{"credential helper 'mfa' told us to quit"}}},
		"http.emptyAuth": {info("Server auth using Basic with user ''") + sent(get, "Authorization: Basic <redacted>") + received("HTTP/1.1 403 Forbidden", "x-amzn-RequestId: 1"),
			Trace{Requests: []Request{{Sent: Empty, Status: 403, AWS: true}}}},
		"http.extraHeader": {sent(get, "authorization: Basic <redacted>") + received("HTTP/2 403"),
			Trace{Requests: []Request{{Sent: Header, Status: 403}}}},
		"netrc": {info("Server auth using Basic with user 'alice-at-123456789012'") + sent(get, "Authorization: Basic <redacted>") + received("HTTP/1.1 403 Forbidden"),
			Trace{Requests: []Request{{Sent: GitCredential, Status: 403}}}},
		"a proxy that refuses": {info("Proxy auth using Basic with user 'bob'") + sent(connect, "Proxy-Authorization: Basic <redacted>") + received("HTTP/1.1 407 Proxy Authentication Required") +
			failed("unable to access 'https://HOST/': CONNECT tunnel failed, response 407"),
			Trace{Tunnel: true, Requests: []Request{{Connect: true, Status: 407}}, Messages: []string{"unable to access 'https://HOST/': CONNECT tunnel failed, response 407"}}},
		"a certificate": {info("SSL certificate problem: unable to get local issuer certificate"), Trace{TLS: "SSL certificate problem: unable to get local issuer certificate"}},
		"a certificate, by GnuTLS": {info("server verification failed: certificate signer not trusted. (CAfile: none CRLfile: none)"),
			Trace{TLS: "server verification failed: certificate signer not trusted. (CAfile: none CRLfile: none)"}},
		"curl since 8.16": {info("Established connection to proxy.example (192.0.2.1 port 3128) from 10.0.0.1 port 40084 "), Trace{Connected: "proxy.example:3128"}},
		"an answer that pretends": {sent(get) + received("HTTP/1.1 200 OK", "X: == Info: Server auth using Basic with user ''", `{"event":"error","msg":"x"}`),
			Trace{Requests: []Request{{Status: 200}}}},
		"others": {childStart(git, 0, true, `"/usr/bin/gh auth git-credential get"`) + childStart(git, 1, true, `"f() { echo x; }; f get"`) + childStart(git, 2, true, `"ssh host erase all"`),
			Trace{Helpers: []Helper{{Name: "gh", Operation: "get"}, {Name: "a shell command", Operation: "get"}}}},
		"git before 2.22":         {"fatal: unable to access 'https://alice:pa55word@HOST/v1': x\n", Trace{Messages: []string{"unable to access 'https://…@HOST/v1': x"}}},
		"a line that is too long": {strings.Repeat("x", 3*maxLine) + "\nfatal: y\n", Trace{Messages: []string{"y"}}},
		"no line at all":          {`{"event":"error","msg":"x"}`, Trace{}},
	} {
		for _, step := range []int{1, 7, 4096, 1 << 20} {
			if got := read(c.text, step); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s, in steps of %d:\n got %+v\nwant %+v", name, step, got, c.want)
			}
		}
	}
}

// TestNoSecret has git say secrets wherever it could.
func TestNoSecret(t *testing.T) {
	text := info("Server auth using Basic with user '"+session+"'") + sent(get, "Authorization: Basic <redacted>", "Cookie: "+token) +
		info("Proxy auth using Basic with user '"+token+"'") + info("Uses proxy env variable https_proxy == 'http://bob:"+token+"@proxy'") +
		info("schannel: failed for "+session) + received("HTTP/1.1 200 "+token, "Set-Cookie: "+token) +
		childStart(git, 0, true, `"f() { echo password=`+token+`; }; f get"`) + childStart(git, 1, true, `"PASSWORD=`+password+` helper --password `+password+` get"`) +
		"username=" + session + "\npassword=" + password + "\n" + "git-credential-mfa: " + session + " " + password + "\n"
	for _, message := range []string{
		"could not read Password for 'https://" + session + "@git-codecommit.us-east-1.amazonaws.com': terminal prompts disabled",
		"could not read Password for 'https://" + strings.ReplaceAll(session, "/", "%2F") + "@HOST': terminal prompts disabled",
		"Authentication failed for 'https://alice:" + password + "@HOST/v1/repos/demo/'",
		"credential helper '!echo password=" + token + "' told us to quit",
		"credential helper '!f() { echo \\'" + token + "\\'; }; f' told us to quit",
		"invalid credential line: password=" + password, token,
		"unable to access 'https://HOST/': Unsupported proxy syntax in 'bob:hunter2'",
	} {
		text += failed(message)
	}
	shown := fmt.Sprintf("%+v", read(text, 100))
	for _, secret := range []string{token, token[:60], token[len(token)-30:], password, password[20:], "AKIA", "ASIA", "hunter2"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is in %s", secret, shown)
		}
	}
	if !strings.Contains(shown, "terminal prompts disabled") || !strings.Contains(shown, "told us to quit") {
		t.Errorf("the messages are gone: %s", shown)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(info("Server auth using Basic with user ''")+sent(get), 3)
	f.Add(childStart(git, 0, true, `"git credential-mfa get"`)+childExit(git, 0, 1)+failed("x"), 5)
	f.Fuzz(func(t *testing.T, text string, step int) {
		if whole := read(text, len(text)); step > 0 && !reflect.DeepEqual(read(text, step), whole) {
			t.Errorf("the steps in which it comes count: %+v", whole)
		}
	})
}
