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
	if file := e.Git.Netrc; file != "" {
		return found("take the lines of \"machine "+e.Target.Host.Name+"\" out of "+file, file+" names "+e.Target.Host.Name+", so git's curl sends that password, and no helper is asked")
	}
	return fine()
}
