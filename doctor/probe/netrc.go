package probe

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// netrc returns the file of curl's in which a host stands: git's curl takes
// what it says, and no helper is asked (CURLOPT_NETRC in git's http.c).
func (s System) netrc(host string) string {
	files := []string{filepath.Join(s.Home, ".netrc"), filepath.Join(s.Home, "_netrc")}
	for _, file := range files {
		text, err := regularfile.Read(context.Background(), file)
		if err != nil || s.Home == "" || host == "" {
			continue
		}
		words := strings.Fields(string(text))
		for i := 0; i+1 < len(words); i++ {
			if words[i] == "machine" && strings.EqualFold(words[i+1], host) {
				return file
			}
		}
	}
	return ""
}
