// Package policy parses IAM policy documents and evaluates requests against
// them: the decision, and the statements that decide. It is pure: it reads no
// files, uses no network, and needs no AWS SDK.
//
// # What it answers
//
// Parse reads a document. Policies holds all documents that bear on a request,
// layer by layer. Its Evaluate returns the Decision: allowed, implicitDeny or
// explicitDeny, in the words of IAM's policy simulator, with the statements
// that decide.
//
// There is a fourth answer. IAM also decides by keys that only AWS knows (the
// source address, tags, the time). Request.Unknown names such keys, and
// Unspecified stands for an unknown part of a value. If the decision depends on
// one of them, the answer is Depends and names it.
//
// # What it models
//
// The rules are those of the IAM user guide; comments name its pages, such as
// reference_policies_elements_condition_operators.
//
//   - Identity policies, the permissions boundary, service control policies and
//     resource control policies level by level, the policy of a KMS key, and
//     the policy of a VPC endpoint.
//   - Action, NotAction, Resource, NotResource, Principal, NotPrincipal, and
//     wildcards in them.
//   - Every condition operator of the guide, with IfExists, ForAllValues and
//     ForAnyValue; policy variables with defaults, by the document's Version.
//
// # What it does not model
//
//   - Session policies, policies of resources other than KMS keys, grants of
//     KMS, and principals of other accounts. For roles it knows the role's ARN
//     (aws:PrincipalArn), not the names of its sessions.
//   - Which condition keys, resources and levels of an organization belong to a
//     request: the caller says so.
//   - Whether IAM would accept a document. Parse refuses what it can't evaluate,
//     and notes what IAM is known to refuse.
//   - Some relations between unknown values. A Deny for a network and a Deny for
//     everything outside of it deny in every case, and so does any pair of a
//     condition and its opposite, as long as a decision depends on at most eight
//     unknown facts. But a Deny before a date and a Deny after it give Depends.
//
// # How far it agrees
//
// It gave the same decision, by the same statements, as an independent
// simulator (@cloud-copilot/iam-simulate) for 3,302 requests over 119 documents
// from public repositories, and the same decision for 2,040 requests over
// stacks of all layers. It agrees with AWS's own pages in 52 cases of one rule
// each. TestTruth, TestLayersTruth and TestSemantics repeat that, given the
// corpus. The time to evaluate is proportional to the number of statements.
package policy

// Outcome is a decision.
type Outcome string

// The outcomes of IAM's simulator (EvalDecision in the IAM API reference), and
// Depends for what the documents alone do not decide.
const (
	Allowed      Outcome = "allowed"
	ImplicitDeny Outcome = "implicitDeny"
	ExplicitDeny Outcome = "explicitDeny"
	Depends      Outcome = "depends"
)

// Layer is a kind of policy.
type Layer string

// The layers, in the order in which decisions cite them
// (reference_policies_evaluation-logic).
const (
	Identity Layer = "identity policy"
	Boundary Layer = "permissions boundary"
	SCP      Layer = "service control policy"
	RCP      Layer = "resource control policy"
	Key      Layer = "key policy"
	Endpoint Layer = "VPC endpoint policy"
)

// principals reports whether documents of the layer name principals.
func (l Layer) principals() bool { return l == RCP || l == Key || l == Endpoint }

// Unspecified stands for unknown characters in the Resource of a Request, in
// the values of its Context, and in the text of a document. If only the account
// of an IAM user is known, the ARN is "arn:aws:iam::123456789012:user/" +
// Unspecified. In a request the characters include no colon, so that they stay
// within a part of an ARN; in a document they may be anything.
const Unspecified = "\x00"

// What DependsOn holds if the decision depends on Unspecified in the Resource
// of the request, or in the text of a document.
const (
	UnknownResource = "resource"
	UnknownText     = "text"
)

// Context holds the condition keys of a request. A key that is missing or has
// no value is absent from the request. A name that ends in "/" or ":" and has
// no value makes all keys with that prefix absent, even if Unknown lists them.
// Case does not matter (reference_policies_elements_condition).
type Context map[string][]string

// Request is a principal's request. Its aws:PrincipalArn, aws:PrincipalAccount
// and aws:userid say who the principal is.
type Request struct {
	Action   string // such as codecommit:GitPull
	Resource string // an ARN, or "*" for an action without a resource
	Context  Context
	// Unknown lists condition keys whose value or presence is not known, and
	// prefixes of keys, which end in "/" or ":", such as "aws:PrincipalTag/".
	// Keys in Context are known, even if Unknown lists them.
	Unknown []string
}

// Policies holds the documents that bear on one request. An empty layer
// restricts nothing, except for Identity, without which nothing is allowed.
type Policies struct {
	// Identity holds the user's own and the groups' documents: a union.
	Identity []*Document
	// Boundary holds the permissions boundary (access_policies_boundaries).
	Boundary []*Document
	// SCPs and RCPs hold the documents of each level of the organization: the
	// root, each organizational unit, the account. Each level has to allow
	// (orgs_manage_policies_scps_evaluation), so include AWS's FullAWSAccess
	// where it is attached. Give RCPs only for requests to services that they
	// cover, such as KMS, not for CodeCommit (orgs_manage_policies_rcps).
	SCPs, RCPs [][]*Document
	// Key is the policy of the KMS key, for a request to KMS. Unless it lets in
	// the account, nothing outside of it allows the use of the key (KMS
	// developer guide, key-policies). Without a Key the account is let in.
	Key []*Document
	// Endpoint is the policy of the VPC endpoint, for a request that comes
	// through one (vpc-endpoints-access).
	Endpoint []*Document
}

// Decision is the answer to a Request.
type Decision struct {
	Outcome Outcome
	// Statements are those that decide: every Deny that applies, else every
	// Allow that applies; for Depends those that may apply, Allows first. If only
	// several together decide, such as two Denies of which one always applies,
	// it is these. An implicit deny has none, unless Allows may apply but are
	// defeated in every case: then it is these Allows and what defeats them.
	// Statements of one effect are in the order of the layers.
	Statements []*Statement
	// DependsOn names what makes a difference to the outcome: unknown keys,
	// operators that this package does not know, UnknownResource, UnknownText.
	// It is sorted, without duplicates, and empty unless the outcome is Depends.
	DependsOn []string
	// Possible are the outcomes that the unknown keys leave open, in the order
	// allowed, implicitDeny, explicitDeny. For Depends there are at least two,
	// one of them allowed. A request that nothing allows is an ImplicitDeny,
	// even if an unknown key may make it an explicit one.
	Possible []Outcome
	// Lacking are the layers that surely hold no Allow for the request. If it is
	// empty, an implicit deny has Statements.
	Lacking []Lack
}

// Lack is a layer without an Allow. Level counts the levels of SCPs and RCPs
// from 0.
type Lack struct {
	Layer Layer
	Level int
}

// Can reports whether o is among the possible outcomes.
func (d Decision) Can(o Outcome) bool {
	for _, possible := range d.Possible {
		if possible == o {
			return true
		}
	}
	return false
}
