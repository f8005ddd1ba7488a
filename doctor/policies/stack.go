package policies

import (
	"fmt"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// stackKind says which policies bear on a request.
type stackKind int

const (
	gitStack       stackKind = iota // git's own requests, and IAM's
	kmsStack                        // KMS, called by the user
	forwardedStack                  // KMS, called by CodeCommit
)

func stackOf(action string, via Via) stackKind {
	switch {
	case !isKMS(action):
		return gitStack
	case via == Forwarded:
		return forwardedStack
	}
	return kmsStack
}

// assumedSource is the source of assumed statements.
const assumedSource = "assumed"

func isAssumed(s *policy.Statement) bool { return s.Source == assumedSource }

// ours parses one of the documents below.
func ours(layer policy.Layer, text string) *policy.Document {
	d, err := policy.ParseAt(layer, assumedSource, 1, []byte(text))
	if err != nil {
		panic(err) // the text is a constant
	}
	return d
}

const (
	allowAll = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	letInAll = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}`
	// codeCommitKey is the policy of aws/codecommit, AWS's own key, without its
	// conditions on kms:ViaService and kms:CallerAccount: all calls that
	// CodeCommit makes for the account meet them (CodeCommit user guide,
	// "encryption").
	codeCommitKey = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
		"Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]}}`
)

// Documents that are assumed: AdministratorAccess or FullAWSAccess,
// RCPFullAWSAccess, and the policy of AWS's own key, as far as they matter
// here.
var (
	fullAccess    = sync.OnceValue(func() *policy.Document { return ours(policy.Identity, allowAll) })
	rcpFullAccess = sync.OnceValue(func() *policy.Document { return ours(policy.RCP, letInAll) })
	awsKey        = sync.OnceValue(func() *policy.Document { return ours(policy.Key, codeCommitKey) })
)

// stack returns the policies that bear on a kind of request. The caller must
// not change them.
func (c *Case) stack(kind stackKind) policy.Policies {
	if p, found := c.stacks[kind]; found {
		return p
	}
	if c.stacks == nil {
		c.stacks = make(map[stackKind]policy.Policies)
	}
	p := c.stackWith(kind, func(d *policyfile.Document) *policy.Document { return d.Document })
	c.stacks[kind] = p
	return p
}

// stackWith returns the stack with each document replaced.
func (c *Case) stackWith(kind stackKind, instead func(*policyfile.Document) *policy.Document) policy.Policies {
	var p policy.Policies
	for _, d := range c.Documents {
		one := instead(d)
		switch d.Layer {
		case policy.Identity:
			p.Identity = append(p.Identity, one)
		case policy.Boundary:
			p.Boundary = append(p.Boundary, one)
		case policy.SCP:
			p.SCPs = atLevel(p.SCPs, d.Level, one)
		case policy.RCP:
			p.RCPs = atLevel(p.RCPs, d.Level, one)
		case policy.Key:
			p.Key = append(p.Key, one)
		case policy.Endpoint:
			p.Endpoint = append(p.Endpoint, one)
		}
	}
	if c.AssumeAllow {
		p.Identity = append(p.Identity, fullAccess())
	}
	for level := range p.SCPs {
		if c.assumesFullAccess(policy.Lack{Layer: policy.SCP, Level: level}) {
			p.SCPs[level] = append(p.SCPs[level], fullAccess())
		}
	}
	for level := range p.RCPs {
		if c.assumesFullAccess(policy.Lack{Layer: policy.RCP, Level: level}) {
			p.RCPs[level] = append(p.RCPs[level], rcpFullAccess())
		}
	}
	return forKind(p, kind, c.Collected)
}

// forKind returns the policies that bear on a kind of request. Resource control
// policies cover KMS and not CodeCommit (orgs_manage_policies_rcps). git's
// requests pass the VPC endpoint, CodeCommit's calls to KMS do not.
func forKind(p policy.Policies, kind stackKind, collected bool) policy.Policies {
	if kind == gitStack {
		p.RCPs, p.Key = nil, nil
		return p
	}
	p.Endpoint = nil
	switch {
	case kind == forwardedStack && len(p.Key) == 0:
		p.Key = []*policy.Document{awsKey()}
	case kind == kmsStack && collected:
		p.Key = nil // a direct call may be to any key, not only to the repository's
	}
	return p
}

func atLevel(levels [][]*policy.Document, level int, d *policy.Document) [][]*policy.Document {
	for len(levels) <= level {
		levels = append(levels, nil)
	}
	levels[level] = append(levels[level], d)
	return levels
}

// assumesFullAccess reports whether the documents of a level hold no Allow.
// They are then attached beside FullAWSAccess: each level must have a policy
// that allows, and has that one unless it was detached
// (orgs_manage_policies_scps_evaluation).
func (c *Case) assumesFullAccess(level policy.Lack) bool {
	found := false
	for _, d := range c.Documents {
		if lackOf(d) != level {
			continue
		}
		found = true
		for _, s := range d.Statements {
			if s.Effect == policy.Allow {
				return false
			}
		}
	}
	return found
}

// levelsAssumed names the levels beside which FullAWSAccess is assumed.
func (c *Case) levelsAssumed() []string {
	var names []string
	seen := make(map[policy.Lack]bool)
	for _, d := range c.Documents {
		level := lackOf(d)
		if d.Layer != policy.SCP && d.Layer != policy.RCP || seen[level] {
			continue
		}
		seen[level] = true
		if c.assumesFullAccess(level) {
			names = append(names, c.layerName(level))
		}
	}
	return names
}

// layerName names a layer for people, with its level if there are several.
func (c *Case) layerName(l policy.Lack) string {
	several := false
	for _, d := range c.Documents {
		several = several || d.Layer == l.Layer && d.Level != l.Level
	}
	if several {
		return fmt.Sprintf("%s of level %d", l.Layer, l.Level+1)
	}
	return string(l.Layer)
}

// withoutStatements returns a stack without some statements.
func (c *Case) withoutStatements(kind stackKind, some []*policy.Statement) policy.Policies {
	var gone statementSet
	gone.add(some...)
	return c.stackOfStatements(kind, func(s *policy.Statement) *policy.Statement {
		if gone.has[s] {
			return nil
		}
		return s
	})
}

// stackOfStatements returns a stack with each statement replaced, or without it
// for nil.
func (c *Case) stackOfStatements(kind stackKind, instead func(*policy.Statement) *policy.Statement) policy.Policies {
	return c.stackWith(kind, func(d *policyfile.Document) *policy.Document {
		part := &policy.Document{Source: d.Source, Version: d.Version}
		for _, s := range d.Statements {
			if s = instead(s); s != nil {
				part.Statements = append(part.Statements, s)
			}
		}
		return part
	})
}
