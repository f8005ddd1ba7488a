// Package policy reads IAM policy documents and says what they decide for a
// request, and by which statements. It is pure: it reads no file, asks no
// network, and needs no AWS SDK.
//
// # What it answers
//
// Parse reads a document. Policies holds all the documents that bear on a
// request, layer by layer, and its Evaluate gives the Decision: allowed,
// implicitDeny or explicitDeny, in the words of IAM's policy simulator, with
// the statements that decide.
//
// There is a fourth answer. IAM decides by keys that only AWS knows (the source
// address, tags, the time). Request.Unknown names such keys, and Unspecified
// stands for the part of a value that is not known. Where the decision hangs on
// one of them the answer is Depends, and names it: never a guess.
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
//   - Whether IAM would accept a document. Parse refuses what it can't judge,
//     and notes what IAM is known to refuse.
//   - How values compare that a wildcard, a number or a date stands for. That a
//     Deny before a date and a Deny after it leave nothing is not seen: the
//     answer is Depends. A Deny in a network and a Deny outside of it are seen
//     to leave nothing, and so is any pair of a condition and its opposite, as
//     long as a decision hangs on no more than eight unknown facts.
//
// # How far it agrees
//
// With an independent simulator (@cloud-copilot/iam-simulate) it gave the same
// decision, by the same statements, for 3,302 requests over 119 documents from
// public repositories, and the same decision for 2,040 requests over stacks of
// all layers; with AWS's own pages in 52 cases of one rule each. TestTruth,
// TestLayersTruth and TestSemantics repeat that, given the corpus. Evaluating
// takes time in proportion to the statements, whatever they hang on.
package policy

// Outcome is a decision.
type Outcome string

// The outcomes of IAM's simulator (EvalDecision in the IAM API reference), and
// Depends for what cannot be known from the documents alone.
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

// Unspecified stands for a run of characters that is not known, in the Resource
// of a Request, in the values of its Context, and in the text of a document. The
// ARN of an IAM user of whom only the account is known is
// "arn:aws:iam::123456789012:user/" + Unspecified. In a request the run has no
// colon, so that it stays within a part of an ARN; in a document it may be
// anything.
const Unspecified = "\x00"

// What DependsOn says when the decision hangs on Unspecified in the Resource of
// the request, or in the text of a document.
const (
	UnknownResource = "resource"
	UnknownText     = "text"
)

// Context holds the condition keys of a request. A key that is missing, or has
// no value, is absent from the request; a name that ends in "/" or ":" and has
// no value says so of all keys that begin with it, whatever Unknown says. Keys
// compare without regard to case (reference_policies_elements_condition).
type Context map[string][]string

// Request is what a principal asks for. The principal is the one of its
// aws:PrincipalArn, aws:PrincipalAccount and aws:userid.
type Request struct {
	Action   string // such as codecommit:GitPull
	Resource string // an ARN, or "*" for an action without a resource
	Context  Context
	// Unknown lists condition keys whose value or presence is not known, and
	// prefixes of keys, which end in "/" or ":", such as "aws:PrincipalTag/".
	// A key that Context holds is known all the same.
	Unknown []string
}

// Policies are the documents that bear on one request. A layer that is empty
// restricts nothing, but for Identity, without which nothing is allowed.
type Policies struct {
	// Identity holds the user's own and the groups' documents: a union.
	Identity []*Document
	// Boundary holds the permissions boundary (access_policies_boundaries).
	Boundary []*Document
	// SCPs and RCPs hold the documents of each level of the organization: the
	// root, each organizational unit, the account. Each level has to allow
	// (orgs_manage_policies_scps_evaluation), so that AWS's FullAWSAccess is to
	// be given where it is attached. RCPs are for requests to the services that
	// they cover, such as KMS, and are left out for all others, such as
	// CodeCommit (orgs_manage_policies_rcps).
	SCPs, RCPs [][]*Document
	// Key is the policy of the KMS key, for a request to KMS. Nothing outside
	// of it allows the use of the key unless it lets in the account
	// (KMS developer guide, key-policies). Without it the key is taken to let
	// in the account.
	Key []*Document
	// Endpoint is the policy of the VPC endpoint through which the request
	// comes, if it comes through one (vpc-endpoints-access).
	Endpoint []*Document
}

// Decision is the answer to a Request.
type Decision struct {
	Outcome Outcome
	// Statements are those that decide: every Deny that applies, else every
	// Allow that does; for Depends those that may, Allows first. Where only
	// several together leave no doubt, it is those. An implicit deny has none,
	// unless there are Allows and, whatever is unknown, a Deny or the lack of
	// another Allow defeats each of them: then it is these Allows and Denies.
	// Those of one effect come layer by layer.
	Statements []*Statement
	// DependsOn names what makes a difference to the outcome: unknown keys,
	// operators that this package does not know, UnknownResource, UnknownText.
	// It is sorted, without duplicates, and empty unless the outcome is Depends.
	DependsOn []string
	// Possible are the outcomes that are left, in the order allowed,
	// implicitDeny, explicitDeny. For Depends there are at least two, one of
	// them allowed. What nothing allows is an ImplicitDeny, even where an
	// unknown key may turn it into an explicit one.
	Possible []Outcome
	// Lacking are the layers that surely hold no Allow for the request. An
	// implicit deny without any has Statements.
	Lacking []Lack
}

// Lack is a layer without an Allow; of SCPs and RCPs a level, from 0.
type Lack struct {
	Layer Layer
	Level int
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
