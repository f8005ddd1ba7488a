package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// NotAllowed looks for a missing permission: git's own, or KMS's when
// CodeCommit calls it.
func (c *Case) NotAllowed() Finding {
	for _, q := range []struct {
		actions []string
		via     Via
	}{{gitActions, Direct}, {gitKMS, Forwarded}} {
		var actions []string
		var layers []policy.Lack
		var defeated statementSet
		for _, action := range q.actions {
			d := c.at(action, MFA, q.via)
			if !d.refused() || d.denied() {
				continue
			}
			actions = append(actions, action)
			defeated.add(d.Statements...)
			for _, layer := range d.Lacking {
				if !slices.Contains(layers, layer) {
					layers = append(layers, layer)
				}
			}
		}
		switch {
		case len(layers) > 0:
			return c.lacksAllow(actions, layers)
		case len(actions) > 0:
			return c.defeatedAllow(actions, q.via, defeated.list)
		}
	}
	if c.AssumeAllow {
		return skipped("an Allow of everything is assumed; --assume-allow=false judges the policies as they are")
	}
	return fine()
}

// defeatedAllow is the finding for Allows that apply only where another
// statement refuses, whatever the unknown keys are.
func (c *Case) defeatedAllow(actions []string, via Via, statements []*policy.Statement) Finding {
	detail := c.explain(statements, scene{actions: actions, who: MFA, via: via})
	detail = append(detail, "Wherever the Allow applies, another statement refuses, with MFA or without.")
	f := finding(detail, "change one of these statements", statements)
	f.Title = language.Text{English: "what is allowed is refused in every case", Japanese: "許可されるものがどの場合にも拒否される"}
	return f
}

// lacksAllow says which layers do not allow the actions. For users who may
// fetch and not push, as is often intended, the title says just that.
func (c *Case) lacksAllow(actions []string, layers []policy.Lack) Finding {
	var names, detail, fixes []string
	for _, layer := range layers {
		names = append(names, c.layerName(layer))
	}
	detail = append(detail, fmt.Sprintf("no statement of the %s allows %s, with MFA or without", strings.Join(names, " and of the "), join(actions)), "on "+c.resource(actions[0]))
	if len(c.Documents) == 0 {
		detail = append(detail, "no policy applies to the user "+c.User.Name+": neither the user's own nor a group's")
	}
	for _, layer := range layers {
		fixes = append(fixes, c.allowIn(layer, actions))
		if sources := c.sources(layer); layer.Layer != policy.Identity {
			detail = append(detail, fmt.Sprintf("the %s is %s, and allows nothing that it does not name", c.layerName(layer), join(sources)))
		}
	}
	f := finding(detail, strings.Join(fixes, "; "), nil)
	switch {
	case isKMS(actions[0]):
		f.Title = language.Text{English: "nothing allows KMS when CodeCommit calls it", Japanese: "CodeCommit が呼ぶ KMS を許可するものがない"}
		f.Detail = append(f.Detail, "git gets HTTP 403, because CodeCommit encrypts with KMS in the user's name.")
	case slices.Equal(actions, []string{gitPush}) && c.at(gitPull, MFA, Direct).Outcome == policy.Allowed:
		f.Title = language.Text{English: "nothing allows pushing to CodeCommit; fetching is allowed", Japanese: "CodeCommit への push を許可するものがない (fetch は許可されている)"}
		f.Detail = append(f.Detail, "Clone and fetch are allowed. Only a push gets HTTP 403.")
		f.Fix = "if pushing is meant to work: " + f.Fix
	}
	return f
}

// allowIn returns the change that a layer needs. An Allow in one layer does not
// help where another lacks it.
func (c *Case) allowIn(layer policy.Lack, actions []string) string {
	if layer.Layer == policy.Identity && !isKMS(actions[0]) {
		return "add an Allow of " + join(actions) + " for the repository, or the AWS managed policy AWSCodeCommitPowerUser"
	}
	return fmt.Sprintf("add an Allow of %s to the %s %s", join(actions), c.layerName(layer), join(c.sources(layer)))
}

// sources returns the sources of a layer's documents.
func (c *Case) sources(layer policy.Lack) []string {
	var names []string
	for _, d := range c.Documents {
		if lackOf(d) == layer && !slices.Contains(names, d.Source) {
			names = append(names, d.Source)
		}
	}
	return names
}
