package probe

import (
	"context"
	"fmt"
	"runtime"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// netrc returns the entry for a host in curl's netrc file. If there is one,
// git's curl uses it, and no helper is asked.
func (s System) netrc(host string) doctor.Netrc {
	if s.Home == "" || host == "" {
		return doctor.Netrc{}
	}
	for _, file := range gitconfig.NetrcFiles(s.Home, runtime.GOOS) {
		text, err := regularfile.Read(context.Background(), file)
		if err != nil {
			continue
		}
		entry, ok := gitconfig.Netrc(string(text), host)
		if !ok {
			return doctor.Netrc{} // only the first file counts
		}
		return doctor.Netrc{Place: fmt.Sprintf("%s:%d", file, entry.Line), EveryHost: entry.Default}
	}
	return doctor.Netrc{}
}
