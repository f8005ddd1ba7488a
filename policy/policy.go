// Package policy reads IAM policy documents and says what they decide, and by
// which statement. It is pure: no network, no files, no AWS SDK.
//
// The answer has three values. IAM decides with keys that only AWS knows (the
// source address, tags, the clock); where a decision hangs on one of them the
// answer is Depends and names the key, never a guess.
//
// The rules are those of the IAM user guide. Comments name its pages, such as
// reference_policies_elements_condition_operators.
package policy

// Outcome is a decision in the words of IAM's policy simulator, and Depends.
type Outcome string

// The outcomes of IAM's simulator (EvalDecision in the IAM API reference), and
// Depends for what cannot be known from the documents alone.
const (
	Allowed      Outcome = "allowed"
	ImplicitDeny Outcome = "implicitDeny"
	ExplicitDeny Outcome = "explicitDeny"
	Depends      Outcome = "depends"
)

// Layer is a kind of policy, each of which has to allow a request.
type Layer string

// The layers in the order in which Policies holds them
// (reference_policies_evaluation-logic).
const (
	Identity Layer = "identity policy"
	Boundary Layer = "permissions boundary"
	SCP      Layer = "service control policy"
)

// UnknownResource in Request.Unknown says that the name in the resource, what
// follows its last "/" or ":", is not known. It is how a KMS key is given whose
// ID nobody told us: a pattern for every key matches, one for a single key
// depends.
const UnknownResource = "resource"

// Context holds the condition keys of a request. A key that is missing, or has
// no value, is absent from the request. Keys compare without regard to case
// (reference_policies_elements_condition).
type Context map[string][]string

// Request is what a principal asks for.
type Request struct {
	Action   string // such as codecommit:GitPull
	Resource string // an ARN
	Context  Context
	// Unknown lists condition keys whose value or presence is not known, and
	// prefixes of keys, which end in "/" or ":", such as "aws:PrincipalTag/".
	// A key that Context holds is known all the same.
	Unknown []string
}

// Policies are the documents that apply to one principal. An empty Boundary or
// SCPs means that there is none, so that it restricts nothing.
type Policies struct {
	// Identity holds the user's own and the groups' documents: a union.
	Identity []*Document
	// Boundary holds the permissions boundary (access_policies_boundaries).
	Boundary []*Document
	// SCPs are taken as a union too. AWS asks every level of the organization
	// for an Allow of its own, which a list of files does not tell apart: a
	// Deny is found at any level, a missing Allow only when no level has it.
	SCPs []*Document
}

// Decision is the answer to a Request.
type Decision struct {
	Outcome Outcome
	// Statements are those that decide: every Deny that applies, else every
	// Allow that does; for Depends those that may apply. An implicit deny has
	// none. They come layer by layer, in the order of Policies.
	Statements []*Statement
	// DependsOn is sorted and has no duplicates: the unknown keys, and the
	// operators that this package does not know. Empty unless Depends.
	DependsOn []string
	// Possible are the outcomes that are left, in the order allowed,
	// implicitDeny, explicitDeny: one, or for Depends at least two.
	Possible []Outcome
	// Lacking are the layers that surely hold no Allow for the request.
	Lacking []Layer
}

// Can reports whether the outcome is o or may turn out to be.
func (d Decision) Can(o Outcome) bool {
	for _, possible := range d.Possible {
		if possible == o {
			return true
		}
	}
	return false
}
