package doctor

// checkHeader looks for a header that authorizes: git sends it with every
// request, so CodeCommit never asks for a password.
func checkHeader(e *Evidence) Finding {
	if at := e.Git.Header; at != "" {
		return found("find it with: git config --show-origin --name-only --get-regexp "+e.System.Quote(`^http\..*extraheader$`)+", and unset it there", at+": http.extraHeader sends an Authorization of its own, so no helper is asked")
	}
	return fine()
}

// checkNetrc looks for a password that curl uses before git asks a helper.
func checkNetrc(e *Evidence) Finding {
	entry, host := e.Git.Netrc, e.Target.Host.Name
	switch {
	case entry.Place == "":
		return fine()
	case entry.EveryHost:
		return found("remove \"default\", or name the hosts that need it: "+entry.Place,
			entry.Place+" is for every host, so git's curl sends that password, and no helper is asked")
	}
	return found("remove the lines of \"machine "+host+"\": "+entry.Place, entry.Place+" names "+host+", so git's curl sends that password, and no helper is asked")
}

// checkEmptyAuth looks for http.emptyAuth. With it git sends an empty username and
// password after the 401; CodeCommit answers 403, and no helper is asked (http.c).
func checkEmptyAuth(e *Evidence) Finding {
	if at := e.Git.EmptyAuth; at != "" {
		return found("git config --global --add http.https://"+e.Target.Host.Name+".emptyAuth false", at+" is true: git sends an empty username and password, so CodeCommit answers 403 and no helper is asked")
	}
	return fine()
}

// checkUnverified looks for settings that turn off the check of certificates. This
// program's own calls to AWS still check them.
func checkUnverified(e *Evidence) Finding {
	at := e.Git.Unverified
	if at == "" {
		return fine()
	}
	lines := []string{at + ": anyone on the network can read what git sends, including the session"}
	for _, answer := range []*Failure{e.Network.Anonymous.Err, e.AWS.CallerErr} {
		if answer != nil {
			lines = append(lines, "this program's own calls to AWS still check certificates, and fail: "+answer.Text)
			break
		}
	}
	return found("git config --global http.sslCAInfo FILE, with the certificates of the company's proxy, and remove that setting", lines...)
}
