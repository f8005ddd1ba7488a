package doctor

import "strings"

var (
	ccm520 = code{"CCM520", GitGroup, Warning, "a remote goes over SSH, where no helper is asked", "no remote goes over SSH"}
	ccm521 = code{"CCM521", GitGroup, Warning, "a remote goes by git-remote-codecommit, which asks no helper", "no remote goes by git-remote-codecommit"}
	ccm522 = code{"CCM522", GitGroup, Error, "a remote's URL carries a user of its own", "no remote's URL carries a user of its own"}
	ccm523 = code{"CCM523", GitGroup, Error, "a remote goes over http, which CodeCommit does not speak", "no remote goes over http"}
	ccm524 = code{"CCM524", GitGroup, Error, "a remote's path is not a CodeCommit repository's", "the remotes' paths are CodeCommit repositories'"}
	ccm525 = code{"CCM525", GitGroup, Info, "a remote's URL ends in a slash", "no remote's URL ends in a slash"}
	ccm526 = code{"CCM526", GitGroup, Error, "a remote's host is almost one of CodeCommit's", "the remotes' hosts are CodeCommit's"}
	ccm527 = code{"CCM527", GitGroup, Info, "git rewrites a remote's URL", "git rewrites no remote's URL"}
)

// remotes tells of the remotes of one kind, with the command that mends each.
func (c *Case) remotes(k code, kind remoteKind, why string) []Result {
	var lines, fixes []string
	for _, r := range c.Live.Git.Remotes {
		found := r.read()
		if found.kind != kind {
			continue
		}
		lines = append(lines, r.label())
		if t := found.target; t.Known {
			fixes = append(fixes, r.setURL(t.URL))
		} else if t.Host.Name != "" {
			fixes = append(fixes, r.setURL("https://"+t.Host.Name+"/v1/repos/NAME"))
		} else {
			fixes = append(fixes, r.setURL("https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME"))
		}
	}
	if len(lines) == 0 {
		return k.isNot()
	}
	return k.is(append(lines, why), strings.Join(fixes, "\n"), nil)
}

// remoteCheck makes a check of one kind of remotes.
func remoteCheck(k code, kind remoteKind, why string) Check {
	return live(k, func(c *Case) []Result { return c.remotes(k, kind, why) })
}

// remoteChecks are the checks of remotes that are not as they should be. A slash
// at the end does no harm to this helper, since git trims it for helpers and in
// its requests; the AWS CLI's signs it (CodeCommit user guide, troubleshooting-gc).
var remoteChecks = []Check{
	remoteCheck(ccm520, overSSH, "an SSH key carries no MFA, so a policy that asks for MFA denies it"),
	remoteCheck(ccm521, overGRC, "it signs with the profile's own keys, which carry no MFA unless they are a session's"),
	remoteCheck(ccm522, embedded, "git sends that user, and no helper is asked for another; a password in a URL stands in .git/config and in every log"),
	remoteCheck(ccm523, plainHTTP, "this helper answers over https only, as a password must not go in the clear"),
	remoteCheck(ccm524, badPath, "the path is signed as it stands: /v1/repos/NAME, without .git"),
	remoteCheck(ccm525, slash, "git takes the slash away before it asks this helper; old versions of git, and other helpers, do not"),
	remoteCheck(ccm526, badHost, "CodeCommit's are git-codecommit.REGION.amazonaws.com, with a region such as us-east-1; no helper of AWS's answers for another"),
}

func checkRewritten(c *Case) []Result {
	var lines []string
	for _, r := range c.Live.Git.Remotes {
		if r.Rewritten != "" && r.read().kind != foreign {
			lines = append(lines, r.label()+", by "+r.Rewritten)
		}
	}
	if len(lines) == 0 {
		return ccm527.isNot()
	}
	return ccm527.is(lines, "", nil)
}
