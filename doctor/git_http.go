package doctor

// checkHeader looks for a header that authorizes: git sends it with every
// request, so CodeCommit never asks for a password.
func checkHeader(e *Evidence) Finding {
	if at := e.Git.Header; at != "" {
		return found("find it with: git config --show-origin --name-only --get-regexp "+e.System.Quote(`^http\..*extraheader$`)+", and unset it there", at+": http.extraHeader sends an Authorization of its own, so no helper is asked")
	}
	return fine()
}

// checkNetrc looks for a password that curl finds before git asks anybody.
func checkNetrc(e *Evidence) Finding {
	entry, host := e.Git.Netrc, e.Target.Host.Name
	switch {
	case entry.Place == "":
		return fine()
	case entry.EveryHost:
		return found("take the lines of \"default\" out, or have the hosts that need them named: "+entry.Place,
			entry.Place+" is for every host, so git's curl sends that password, and no helper is asked")
	}
	return found("take the lines of \"machine "+host+"\" out: "+entry.Place, entry.Place+" names "+host+", so git's curl sends that password, and no helper is asked")
}

// checkEmptyAuth: after the 401 git then sends an empty username and password,
// which CodeCommit answers with 403, and no helper is asked (http.c).
func checkEmptyAuth(e *Evidence) Finding {
	if at := e.Git.EmptyAuth; at != "" {
		return found("git config --global --add http.https://"+e.Target.Host.Name+".emptyAuth false", at+" is true: git sends an empty username and password, so CodeCommit answers 403 and no helper is asked")
	}
	return fine()
}

// checkUnverified: whoever is on the way can then read the session. This
// program's own calls to AWS check certificates all the same.
func checkUnverified(e *Evidence) Finding {
	at := e.Git.Unverified
	if at == "" {
		return fine()
	}
	lines := []string{at + ": whoever is on the way to CodeCommit can read what git sends, the session too"}
	for _, answer := range []*Failure{e.Network.Anonymous.Err, e.AWS.CallerErr} {
		if answer != nil {
			lines = append(lines, "this program's own calls to AWS check certificates all the same, and fail: "+answer.Text)
			break
		}
	}
	return found("git config --global http.sslCAInfo FILE, with the certificates of the company's proxy, and take that setting out", lines...)
}
