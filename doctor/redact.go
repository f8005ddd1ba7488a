package doctor

import (
	"regexp"
	"strings"
	"sync"
)

// keyID is an access key id (reference_identifiers, "unique identifiers").
var keyID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{8,124}\b`) })

// conceal makes a text fit to be pasted in public, as reports of this kind are:
// the home directory becomes "~", an access key id its last four characters.
func (r Report) conceal(text string) string {
	text = keyID().ReplaceAllStringFunc(text, func(id string) string { return "…" + id[len(id)-4:] })
	home := strings.TrimRight(r.Home, `/\`)
	if home == "" {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, home)
		b.WriteString(before)
		switch {
		case !found:
			return b.String()
		case after == "" || strings.ContainsAny(after[:1], `/\:" )`):
			b.WriteByte('~')
		default: // /home/al is not the beginning of /home/alice
			b.WriteString(home)
		}
		text = after
	}
}
