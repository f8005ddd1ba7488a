package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// NotAllowed looks for the plain lack of a permission.
func (c *Case) NotAllowed() Finding {
	var actions []string
	var layers []policy.Layer
	for _, action := range gitActions {
		d := c.at(action, MFA, Direct)
		if !d.refused() || d.denied() {
			continue
		}
		actions = append(actions, action)
		for _, lack := range d.Lacking {
			if !slices.Contains(layers, lack.Layer) {
				layers = append(layers, lack.Layer)
			}
		}
	}
	switch {
	case len(actions) > 0:
		return c.lacksAllow(actions, layers)
	case c.AssumeAllow:
		return skipped("an Allow of everything is assumed; --assume-allow=false judges the policies as they are")
	}
	return fine()
}

// lacksAllow says which of the layers does not allow the actions. Some may fetch
// and not push, and are meant to: the title must not tell them that nothing
// works.
func (c *Case) lacksAllow(actions []string, layers []policy.Layer) Finding {
	var names, detail, fixes []string
	for _, layer := range layers {
		names = append(names, string(layer))
	}
	detail = append(detail, fmt.Sprintf("no statement of the %s allows %s, with MFA or without", strings.Join(names, " and of the "), join(actions)), "on "+c.RepositoryARN())
	if len(c.Documents) == 0 {
		detail = append(detail, "no policy applies to the user "+c.User.Name+": none of the user's own, and none of a group")
	}
	for _, layer := range layers {
		fixes = append(fixes, c.allowIn(layer, actions))
		if sources := c.sources(layer); layer != policy.Identity {
			detail = append(detail, fmt.Sprintf("the %s is %s, and allows nothing that it does not name", layer, join(sources)))
		}
	}
	if slices.Equal(actions, []string{gitPush}) && c.at(gitPull, MFA, Direct).Outcome == policy.Allowed {
		f := finding(append(detail, "Clone and fetch are allowed. Only a push gets HTTP 403."), "if pushing is meant to work: "+strings.Join(fixes, "; "), nil)
		f.Title = "nothing allows pushing to CodeCommit; fetching is allowed"
		return f
	}
	return finding(detail, strings.Join(fixes, "; "), nil)
}

// allowIn is the change that a layer needs. An Allow in one does not help where
// another lacks it.
func (c *Case) allowIn(layer policy.Layer, actions []string) string {
	if layer == policy.Identity {
		return "add an Allow of " + join(actions) + " for the repository, or the AWS managed policy AWSCodeCommitPowerUser"
	}
	return fmt.Sprintf("add an Allow of %s to the %s %s", join(actions), layer, join(c.sources(layer)))
}

// sources are where a layer's documents are from.
func (c *Case) sources(layer policy.Layer) []string {
	var names []string
	for _, d := range c.Documents {
		if d.Layer == layer && !slices.Contains(names, d.Source) {
			names = append(names, d.Source)
		}
	}
	return names
}
