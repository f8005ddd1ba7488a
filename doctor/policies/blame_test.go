package policies

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Parts of statements.
const (
	noMFA     = `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`
	plainBool = `"Bool": {"aws:MultiFactorAuthPresent": "false"}`
)

// deny makes a Deny of everything but some actions, under conditions.
func deny(except, conditions string) string {
	return `"Effect": "Deny", "NotAction": [` + except + `], "Resource": "*", "Condition": {` + conditions + `}`
}

// judgedCase is policies, what is asked about them, and what is found.
type judgedCase struct {
	name      string
	documents []*policyfile.Document
	change    func(*Case) // may be nil
	codes     string
	// says and never are in the details and fixes of all findings, and in none.
	says, never []string
	// table is the rows of the table: fetch, push, KMS via CodeCommit; with
	// long-term keys, without MFA, with MFA. "" is not compared.
	table string
}

func (v judgedCase) run(t *testing.T) *Case {
	t.Helper()
	c := &Case{Set: policyfile.Set{Documents: v.documents}, AssumeAllow: true}
	if v.change != nil {
		v.change(c)
	}
	said := ""
	for _, q := range questions {
		if f := q.find(c); f.Found {
			said += q.code + ": " + f.Title.English + "\n" + strings.Join(f.Detail, "\n") + "\n" + f.Fix + "\n"
		}
	}
	if got := codes(c); got != v.codes {
		t.Errorf("%s: %s, want %s\n%s", v.name, got, v.codes, said)
	}
	for _, words := range v.says {
		if !strings.Contains(said, words) {
			t.Errorf("%s: does not say %q\n%s", v.name, words, said)
		}
	}
	for _, words := range v.never {
		if strings.Contains(said, words) {
			t.Errorf("%s: says %q\n%s", v.name, words, said)
		}
	}
	var rows []string
	for _, row := range Table(c.Decisions(), false) {
		rows = append(rows, strings.Join(row.Answers, " "))
	}
	if got := strings.Join(rows, "; "); v.table != "" && got != v.table {
		t.Errorf("%s: %s, want %s", v.name, got, v.table)
	}
	return c
}

// asIs takes the assumed Allow away; all makes the repository and bob known.
func asIs(c *Case) { c.AssumeAllow = false }

func knownAll(c *Case) {
	c.Repository, c.User = known, policyfile.NewUser("bob")
}

func inRegion(region string) func(*Case) {
	return func(c *Case) { c.Repository.Region = region }
}

// inNetwork makes a statement about all actions from a network that nobody
// knows, by an operator, under one more condition.
func inNetwork(effect, operator, condition string) string {
	value := "vpc-1"
	if operator == "Null" {
		value = "false"
	}
	return `"Effect": "` + effect + `", "Action": "*", "Resource": "*", "Condition": {"` + operator + `": {"aws:SourceVpc": "` + value + `"}, ` + condition + `}`
}

// Conditions that hold for every user, and with MFA.
const (
	isUser  = `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}`
	withMFA = `"Bool": {"aws:MultiFactorAuthPresent": "true"}`
)

// TestBlame has findings follow from decisions, and no sentence contradict
// another one or the table.
func TestBlame(t *testing.T) {
	identity := func(statements ...string) []*policyfile.Document {
		return []*policyfile.Document{document(t, policy.Identity, statements...)}
	}
	beside := func(layer policy.Layer, statement string, more ...string) []*policyfile.Document {
		return append(identity(more...), document(t, layer, statement))
	}
	const rootOnly = `"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}`
	const onlyMFA = `"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`
	viaWest := deny(`"iam:*", "codecommit:GitPull", "codecommit:GitPush"`, noMFA+`, "StringNotEqualsIfExists": {"kms:ViaService": "codecommit.eu-west-1.amazonaws.com"}`)
	oneRepository := `"Effect": "Allow", "Action": ["codecommit:GitPull", "codecommit:GitPush"], "Resource": "arn:aws:codecommit:eu-west-1:210987654321:app"`
	perCaller := `"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "123456789012"}, ` + noMFA + `}`
	for _, v := range []judgedCase{
		{name: "an SCP has to allow KMS too", documents: beside(policy.SCP, `"Effect": "Allow", "Action": ["codecommit:*", "iam:*"], "Resource": "*"`, allowGit), change: asIs,
			codes: "CCM104 CCM205 CCM302", never: []string{"can use the repositories"}, says: []string{"nothing allows KMS when CodeCommit calls it", "the service control policy is service control policy"},
			table: "allowed allowed allowed; allowed allowed allowed; not allowed not allowed not allowed"},
		{name: "a region that is not known", documents: identity(viaWest), codes: "CCM201 CCM304", says: []string{"--region REGION", "Whether git works depends on KMS: CCM304."}, never: []string{"can use the repositories"},
			table: "allowed allowed allowed; allowed allowed allowed; depends depends allowed"},
		{name: "the region that is meant", documents: identity(viaWest), change: inRegion("eu-west-1"), codes: "CCM201",
			table: "allowed allowed allowed; allowed allowed allowed; allowed allowed allowed"},
		{name: "another region", documents: identity(viaWest), change: inRegion("eu-west-2"), codes: "CCM102 CCM201",
			says: []string{"git still fails"}, table: "allowed allowed allowed; allowed allowed allowed; denied denied allowed"},
		{name: "a repository that is not known", documents: identity(oneRepository), change: asIs, codes: "CCM205 CCM302 CCM304",
			says: []string{"--region REGION --account ACCOUNT --repo NAME"}, table: "depends depends depends; depends depends depends; allowed allowed allowed"},
		{name: "that repository", documents: identity(oneRepository), codes: "CCM205 CCM302",
			change: func(c *Case) { asIs(c); c.Repository = Repository{"eu-west-1", "210987654321", "app"} }, table: "allowed allowed allowed; allowed allowed allowed; allowed allowed allowed"},
		{name: "another repository", documents: identity(oneRepository), change: func(c *Case) { asIs(c); c.Repository = known }, codes: "CCM104 CCM302"},
		{name: "a user is never root", documents: beside(policy.SCP, rootOnly, allowGit), change: knownAll, codes: "CCM205", never: []string{"--user"}},
		{name: "nor is one without a name", documents: beside(policy.SCP, rootOnly, allowGit), codes: "CCM205", never: []string{"--user"}},
		{name: "keys of KMS in requests to KMS", documents: identity(perCaller), change: func(c *Case) { c.Repository.Account = "123456789012" }, codes: "CCM102",
			table: "allowed allowed allowed; allowed allowed allowed; denied denied allowed"},
		{name: "no account for KMS", documents: identity(perCaller), codes: "CCM304", says: []string{"--account ACCOUNT"}},
		{name: "a plain Bool on other resources", documents: identity(`"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:iam::*:mfa/*", "Condition": {` + plainBool + `}`),
			codes: "CCM102 CCM203", never: []string{"lists :", "git works without MFA"}},
		{name: "a key that MFA does not change", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}`),
			codes: "CCM205 CCM304", table: "allowed allowed allowed; allowed allowed allowed; depends depends depends"},
		{name: "devices by name, and a path", documents: identity(allowGit, `"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:username}"`),
			change: func(c *Case) { asIs(c); c.User = policyfile.NewUser("arn:aws:iam::210987654321:user/team/bob") }, codes: "CCM205 CCM302",
			says: []string{"if the user has a path", "set mfa_serial arn:aws:iam::210987654321:mfa/DEVICE"}},
		{name: "no Allow for devices", documents: identity(allowGit), change: asIs, codes: "CCM205 CCM302", never: []string{"if the user has a path"}},
		{name: "two exempt, and each asks for the other", documents: identity(deny(`"codecommit:GitPull", "codecommit:GitPush", "iam:*"`, plainBool), deny(`"kms:*", "iam:*"`, plainBool)),
			codes: "CCM102 CCM203", table: "allowed denied allowed; allowed denied allowed; denied denied allowed"},
		{name: "Bool, and Null for keys", documents: identity(deny(`"iam:*"`, plainBool), deny(`"iam:*"`, `"Null": {"aws:MultiFactorAuthPresent": "true"}`)), codes: "CCM101 CCM102"},
		{name: "Bool, and BoolIfExists", documents: identity(deny(`"iam:*"`, plainBool), deny(`"iam:*"`, noMFA)), codes: "CCM101 CCM102"},
		{name: "a loose Allow beside a plain one", documents: identity(`"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}`, allowGit),
			change: asIs, codes: "CCM205"},
		{name: "KMS from the office", documents: identity(deny(`"iam:*"`, noMFA), `"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}`),
			codes: "CCM101 CCM102 CCM304", says: []string{"still depends on aws:SourceIp"}, table: "denied denied allowed; denied denied allowed; denied denied depends"},
		{name: "a boundary asks for MFA", documents: beside(policy.Boundary, onlyMFA, allowGit, allowEverything), change: asIs, codes: "CCM101 CCM302",
			says: []string{"no statement of the permissions boundary"}, table: "not allowed not allowed allowed; not allowed not allowed allowed; allowed allowed allowed"},
		{name: "an SCP asks for MFA", documents: beside(policy.SCP, onlyMFA, allowGit, allowEverything), change: asIs, codes: "CCM101 CCM102 CCM302",
			says: []string{"no statement of the service control policy"}},
		{name: "what nothing allows", documents: identity(`"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"`, `"Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}`),
			change: asIs, codes: "CCM104 CCM302", says: []string{"fetching is allowed"}, table: "allowed allowed allowed; not allowed not allowed not allowed; allowed allowed allowed"},
		{name: "fetching with MFA, pushing never", documents: identity(`"Effect": "Allow", "Action": ["codecommit:GitPull", "kms:*"], "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "false"}}`),
			change: asIs, codes: "CCM101 CCM104 CCM302", says: []string{"With MFA nothing denies codecommit:GitPull;"}, never: []string{"A session with MFA passes"}},
		{name: "CodeCommit alone exempt", documents: identity(deny(`"codecommit:*", "iam:ListMFADevices"`, noMFA)), codes: "CCM102 CCM201",
			says: []string{"git still fails"}, never: []string{"can use the repositories"}},
		{name: "exempt, from the office", documents: identity(deny(`"codecommit:*", "kms:*", "iam:*"`, noMFA), `"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}`),
			codes: "CCM201 CCM202 CCM304"},
		{name: "request tags are absent", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/a": "b"}}`), codes: "CCM205"},
		{name: "sign-in sessions are others'", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:SignInSessionArn": "false"}}`), codes: "CCM205"},
		{name: "a user's ID is no role's", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "AROA*"}}`), codes: "CCM205"},
		{name: "tags of an export", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}`),
			change: func(c *Case) { c.User.Tags = map[string]string{"Team": "x"} }, codes: "CCM103 CCM302"},
		{name: "no tags in an export", documents: identity(`"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}`),
			change: func(c *Case) { c.User.Tags = map[string]string{} }, codes: "CCM205"},
		{name: "a Deny in a network, and one outside of it", documents: identity(inNetwork("Deny", "StringEquals", noMFA), inNetwork("Deny", "StringNotEquals", noMFA)),
			codes: "CCM101 CCM102 CCM302", says: []string{"one of these applies", "A session with MFA passes"}, table: "denied denied allowed; denied denied allowed; denied denied allowed"},
		{name: "the two in different layers", documents: beside(policy.SCP, inNetwork("Deny", "StringNotEquals", isUser), inNetwork("Deny", "StringEquals", isUser)),
			codes: "CCM103 CCM302", says: []string{"one of these applies"}, table: "denied denied denied; denied denied denied; denied denied denied"},
		{name: "an Allow in a network, and one outside of it", documents: identity(inNetwork("Allow", "StringEquals", withMFA), inNetwork("Allow", "StringNotEquals", withMFA)), change: asIs,
			codes: "CCM101 CCM302", table: "not allowed not allowed allowed; not allowed not allowed allowed; allowed allowed allowed"},
		{name: "an Allow in a network, and a Deny there", documents: identity(inNetwork("Allow", "StringEquals", isUser), inNetwork("Deny", "Null", isUser)), change: asIs,
			codes: "CCM104 CCM302 CCM304", says: []string{"refused in every case", "Wherever the Allow applies, another statement refuses"}, never: []string{"no statement of the"},
			table: "not allowed not allowed not allowed; not allowed not allowed not allowed; depends depends depends"},
	} {
		v.run(t)
	}
}

// TestCitesTheDifference: an Allow in the layer that lacks one is what makes
// the difference, and nothing else is cited.
func TestCitesTheDifference(t *testing.T) {
	for _, layer := range []policy.Layer{policy.Boundary, policy.SCP} {
		limits := document(t, layer, `"Sid": "OnlyWithMFA", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`)
		c := &Case{Set: policyfile.Set{Documents: []*policyfile.Document{document(t, policy.Identity, allowGit, allowEverything), limits}}}
		for _, f := range []Finding{c.DeniedWithoutMFA(), c.ListDevicesDenied()} {
			if len(f.Statements) != 1 || f.Statements[0] != limits.Statements[0] {
				t.Errorf("%s: %v", layer, f.Statements)
			}
		}
	}
}

// TestLevels: each level of the organization has to allow, and one that allows
// nothing stands beside FullAWSAccess.
func TestLevels(t *testing.T) {
	level := func(n int, statement string) *policyfile.Document {
		d := document(t, policy.SCP, statement)
		d.Level = n
		return d
	}
	c := &Case{Set: policyfile.Set{Documents: []*policyfile.Document{
		document(t, policy.Identity, allowEverything),
		level(0, `"Effect": "Deny", "Action": "s3:*", "Resource": "*"`),
		level(1, allowEverything),
		level(2, `"Effect": "Allow", "Action": "s3:*", "Resource": "*"`),
	}}}
	if got := codes(c); got != "CCM104 CCM302" {
		t.Error(got)
	}
	text := strings.Join(c.NotAllowed().Detail, "\n") + strings.Join(c.Heading(), "\n")
	for _, want := range []string{"no statement of the service control policy of level 3 allows", "FullAWSAccess assumed beside the service control policy of level 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// TestOtherLayers: an RCP is for KMS, an endpoint's policy for git, and a key's
// policy names whom it lets in.
func TestOtherLayers(t *testing.T) {
	principal := func(layer policy.Layer, statement string) *policyfile.Document {
		text := `{"Version": "2012-10-17", "Statement": {` + statement + `, "Resource": "*"}}`
		d, err := policy.ParseAt(layer, string(layer), 1, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return &policyfile.Document{Document: d, Layer: layer, Root: policyfile.NewValue([]byte(text))}
	}
	const everyone = `"Principal": "*", "Action": "*"`
	for _, v := range []struct {
		name      string
		documents []*policyfile.Document
		table     string
	}{
		{"an RCP denies", []*policyfile.Document{principal(policy.RCP, `"Effect": "Deny", `+everyone)}, "allowed; allowed; denied"},
		{"an endpoint denies", []*policyfile.Document{principal(policy.Endpoint, `"Effect": "Deny", `+everyone)}, "denied; denied; allowed"},
		{"an endpoint allows other things", []*policyfile.Document{principal(policy.Endpoint, `"Effect": "Allow", "Principal": "*", "Action": "s3:*"`)}, "not allowed; not allowed; allowed"},
		{"a key for the user", []*policyfile.Document{principal(policy.Key, `"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}, "Action": "kms:*"`)}, "allowed; allowed; allowed"},
		{"a key for the account", []*policyfile.Document{principal(policy.Key, `"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"`)}, "allowed; allowed; not allowed"},
		{"a key for another one", []*policyfile.Document{principal(policy.Key, `"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/eve"}, "Action": "kms:*"`)}, "allowed; allowed; not allowed"},
	} {
		c := &Case{Set: policyfile.Set{User: policyfile.NewUser("arn:aws:iam::123456789012:user/bob"), Documents: append([]*policyfile.Document{document(t, policy.Identity, allowGit)}, v.documents...)}, Repository: known}
		var got []string
		for _, row := range Table(c.Decisions(), false) {
			got = append(got, row.Answers[2])
		}
		if text := strings.Join(got, "; "); text != v.table {
			t.Errorf("%s: %s, want %s", v.name, text, v.table)
		}
	}
}

// TestPatchKeepsTheRest takes CodeCommit out of several services.
func TestPatchKeepsTheRest(t *testing.T) {
	two := deny(`"iam:*", "s3:*", "codecommit:GitPull", "codecommit:GitPush"`, noMFA+`, "StringNotEqualsIfExists": {"kms:ViaService": ["codecommit.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]}`)
	c := &Case{Set: policyfile.Set{Documents: []*policyfile.Document{document(t, policy.Identity, two)}}, AssumeAllow: true, Repository: known}
	again := after(t, c, patch{c.exempted(gitActions, "codecommit").statements, takeOut("codecommit", "kms"), nil})
	s := again.Documents[0].Statements[0]
	if got := codes(again); got != "CCM101 CCM102" || strings.Join(s.NotActions, " ") != "iam:* s3:*" || strings.Join(s.Conditions[1].Values, " ") != "s3.us-east-1.amazonaws.com" {
		t.Errorf("%s, %v, %v", got, s.NotActions, s.Conditions[1].Values)
	}
}

// TestAudit asks an administrator's question.
func TestAudit(t *testing.T) {
	for name, v := range map[string]struct {
		statement     string
		forced, works bool
	}{
		"AWS's own":         {deny(`"iam:*"`, noMFA), true, true},
		"exempt":            {deny(`"iam:*", "codecommit:*"`, noMFA), false, true},
		"plain Bool":        {deny(`"iam:*"`, plainBool), false, true},
		"keys only":         {deny(`"iam:*"`, `"Null": {"aws:MultiFactorAuthPresent": "true"}`), false, true},
		"from the office":   {deny(`"iam:*"`, noMFA+`, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}`), false, true},
		"nothing":           {allowS3, false, true},
		"denied to all":     {`"Effect": "Deny", "Action": "codecommit:*", "Resource": "*"`, true, false},
		"KMS denied to all": {`"Effect": "Deny", "Action": "kms:*", "Resource": "*"`, false, false},
	} {
		c := &Case{Set: policyfile.Set{Documents: []*policyfile.Document{document(t, policy.Identity, v.statement)}}, AssumeAllow: true}
		if a := c.Audit(); a.Forced != v.forced || a.Works != v.works {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
