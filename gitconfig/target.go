package gitconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// target is a URL in pieces, decoded, as git's credential code has it
// (credential_from_url in credential.c). A label can leave pieces out.
type target struct {
	protocol, host, path string
	user                 string
	hasUser              bool
}

// parseTarget reads a URL, or with partial a label such as "example.com",
// "https://" or "bob@".
func parseTarget(url string, partial bool) (target, error) {
	protocol, rest, absolute := strings.Cut(url, "://")
	if !absolute {
		protocol, rest = "", url
	}
	if !partial && protocol == "" {
		return target{}, fmt.Errorf("URL %q has no scheme", url)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	t := target{protocol: protocol}
	authority, path := rest[:end], strings.TrimLeft(rest[end:], "/")
	if at := strings.IndexByte(authority, '@'); at >= 0 {
		user, _, _ := strings.Cut(authority[:at], ":")
		t.user, t.hasUser = decode(user), true
		authority = authority[at+1:]
	}
	t.host, t.path = decode(authority), strings.TrimRight(decode(path), "/")
	if path != "" && t.path == "" {
		t.path = "/" // git leaves one slash of a path that is nothing else
	}
	if strings.Contains(t.user+t.host+t.path, "\n") {
		return target{}, fmt.Errorf("URL %q holds a line end", url)
	}
	return t, nil
}

// decode undoes %XX as git's url.c does: what stands before a colon stays as
// it is, since it could be a scheme, and %00 stays too.
func decode(text string) string {
	var out strings.Builder
	if colon := strings.IndexByte(text, ':'); colon > 0 {
		out.WriteString(text[:colon])
		text = text[colon:]
	}
	for text != "" {
		if c, ok := escape(text); ok && c != 0 {
			out.WriteByte(c)
			text = text[3:]
			continue
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	return out.String()
}

// escape reads %XX at the beginning of a text.
func escape(text string) (byte, bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(n), err == nil
}

// encoded is what git escapes when it puts a URL together again (strbuf.c).
const encoded = " <>\"%{}|\\^`:?#[]@!$&'()*+,;="

// url puts the pieces together again, as git does before it compares.
func (t target) url() string {
	url := t.protocol + "://"
	if t.user != "" {
		url += encode(t.user, encoded+"/") + "@"
	}
	url += t.host
	if t.path != "" {
		url += "/" + encode(t.path, encoded)
	}
	return url
}

func encode(text, unsafe string) string {
	var out strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= 0x1f || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0 {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// has reports whether every piece that a label names is the target's own
// (credential_match in credential.c): nothing is a wildcard here, and a path is
// no prefix.
func (t target) has(label target) bool {
	return (label.protocol == "" || label.protocol == t.protocol) &&
		(label.host == "" || label.host == t.host) &&
		(label.path == "" || label.path == t.path) &&
		(!label.hasUser || t.hasUser && label.user == t.user)
}
