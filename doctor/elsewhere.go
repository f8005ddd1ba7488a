package doctor

import (
	"os"
	"path/filepath"
	"strings"
)

// netrc returns the file of curl's in which a host stands: git's curl takes
// what it says, and no helper is asked (CURLOPT_NETRC in git's http.c).
func (l Live) netrc(host string) string {
	files := []string{filepath.Join(l.Home, ".netrc"), filepath.Join(l.Home, "_netrc")}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || l.Home == "" || host == "" {
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

// checkHeader looks for a header that authorizes: git sends it with every
// request, so CodeCommit never asks for a password.
func checkHeader(c *Case) []Result {
	if at := c.Live.Git.Header; at != "" {
		return ccm530.is([]string{at + ": http.extraHeader sends an Authorization of its own, so no helper is asked"},
			"find it with: git config --show-origin --name-only --get-regexp '^http\\..*extraheader$', and unset it there", nil)
	}
	return ccm530.isNot()
}

// checkNetrc looks for a password that curl finds before git asks anybody.
func checkNetrc(c *Case) []Result {
	if file := c.Live.Git.Netrc; file != "" {
		return ccm531.is([]string{file + " names " + c.Live.Target.Host.Name + ", so git's curl sends that password, and no helper is asked"},
			"take the lines of \"machine "+c.Live.Target.Host.Name+"\" out of "+file, nil)
	}
	return ccm531.isNot()
}

var (
	ccm530 = code{"CCM530", GitGroup, Error, "a header of git's configuration goes before every helper", "no header goes before the helpers"}
	ccm531 = code{"CCM531", GitGroup, Error, "a netrc file goes before every helper", "no netrc file goes before the helpers"}
)
