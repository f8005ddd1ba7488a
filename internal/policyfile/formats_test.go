package policyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// readText reads a text as a file of that name.
func readText(t testing.TB, name, text string) (Set, error) {
	t.Helper()
	path := put(t, t.TempDir(), name, text)
	set, err := Sources{Policies: []string{path}}.Read()
	if err != nil {
		err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), path, name))
	}
	return set, err
}

// summary writes documents in a line each: layer, level, line and Sid of the
// first statement, origin.
func summary(set Set) []string {
	var lines []string
	for _, d := range set.Documents {
		s := d.Statements[0]
		lines = append(lines, fmt.Sprintf("%s %d: line %d %s (%s)", d.Layer, d.Level, s.Line, s.Sid, d.Origin))
	}
	return lines
}

const stackYAML = `AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Bucket: {Type: String}
Resources:
  ForceMfa:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17 # a date to YAML
        Statement:
          # first a plain one
          - Sid: Own
            Effect: Allow
            Action: [iam:ListMFADevices]
            Resource: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/${!aws:username}
          - Sid: AskForMFA
            Effect: Deny
            NotAction:
              - iam:*
              - !If [Lax, "codecommit:*", !Ref AWS::NoValue]
            Resource: "*"
            Condition:
              BoolIfExists:
                aws:MultiFactorAuthPresent: false
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Statement:
              Sid: Bucket
              Effect: Allow
              Action: s3:GetObject
              Resource: !Join ["", ["arn:aws:s3:::", !Ref Bucket, "/*"]]
  Builder:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: sts:AssumeRole}]}
      Policies:
        - PolicyName: inline
          PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  Store:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}]}
`

// TestCloudFormation reads a template in YAML: users' and groups' policies,
// each statement at its line, what a function gives unknown.
func TestCloudFormation(t *testing.T) {
	set, err := readText(t, "stack.yaml", stackYAML)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"identity policy 0: line 12 Own (AWS::IAM::ManagedPolicy ForceMfa)", "identity policy 0: line 32 Bucket (AWS::IAM::Group Team)"}
	if got := summary(set); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	force := set.Documents[0].Statements
	if force[1].Line != 16 || force[1].Conditions[0].Line != 24 || force[1].Conditions[0].Values[0] != "false" || set.Documents[0].Version != policy.Version2012 {
		t.Errorf("%+v", force[1])
	}
	if got := force[0].Resources[0]; got != "arn:"+policy.Unspecified+":iam::"+policy.Unspecified+":user/${aws:username}" {
		t.Errorf("%q", got)
	}
	if got := force[1].NotActions; !slices.Equal(got, []string{"iam:*", policy.Unspecified}) {
		t.Errorf("%q", got)
	}
	if got := set.Documents[1].Statements[0].Resources[0]; got != "arn:aws:s3:::"+policy.Unspecified+"/*" {
		t.Errorf("%q", got)
	}
	if len(set.Notes) != 2 || !strings.Contains(set.Notes[0], "AWS::IAM::Role Builder") || !strings.Contains(set.Notes[1], "AWS::S3::BucketPolicy Store") {
		t.Errorf("%q", set.Notes)
	}
}

// TestCloudFormationJSON reads the same in JSON, with functions in their long
// form.
func TestCloudFormationJSON(t *testing.T) {
	set, err := readText(t, "stack.json", `{"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": {
 "PolicyDocument": {
  "Version": "2012-10-17",
  "Statement": [
   {"Sid": "A", "Effect": "Allow", "Action": "codecommit:*",
    "Resource": {"Fn::Sub": ["arn:aws:codecommit:*:*:${Name}-x", {"Name": {"Ref": "R"}}]}},
   {"Sid": "B", "Effect": "Allow", "Action": ["s3:*", {"Ref": "AWS::NoValue"}], "Resource": {"Fn::GetAtt": ["B", "Arn"]}}
  ]}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	s := set.Documents[0].Statements
	if s[0].Line != 5 || s[1].Line != 7 || s[0].Resources[0] != "arn:aws:codecommit:*:*:"+policy.Unspecified+"-x" || len(s[1].Actions) != 1 || s[1].Resources[0] != policy.Unspecified {
		t.Errorf("%+v\n%+v", s[0], s[1])
	}
}

// TestYAML reads what else is written so, and refuses what grows without end.
func TestYAML(t *testing.T) {
	set, err := readText(t, "policy.yml", "# a document\nVersion: '2012-10-17'\nStatement:\n- &one\n  Sid: A\n  Effect: Deny\n  Action: '*'\n  Resource: '*'\n- <<: *one\n  Sid: B\n")
	if err != nil || len(set.Documents[0].Statements) != 2 || set.Documents[0].Statements[1].Sid != "B" || set.Documents[0].Statements[0].Line != 5 {
		t.Errorf("%v, %q", err, summary(set))
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := range 12 {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", 'b'+i, 'b'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i)
	}
	for name, text := range map[string]string{
		"bomb": bomb + "Statement: *m\n", "itself": "Statement: &s\n  Effect: *s\n", "tabs": "Statement:\n\t- x\n", "open": "Statement: [", "empty": "---\n", "other": "services:\n  web: {}\n",
	} {
		if _, err := readText(t, "x.yaml", text); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// plan is terraform show -json of a plan, with one policy a line.
const plan = `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
{"address": "aws_iam_policy.force", "mode": "managed", "type": "aws_iam_policy", "values": {"name": "force", "policy": %s}},
{"address": "aws_iam_role_policy.ci", "mode": "managed", "type": "aws_iam_role_policy", "values": {"policy": %[1]s}},
{"address": "aws_organizations_policy.scp", "mode": "managed", "type": "aws_organizations_policy", "values": {"type": "SERVICE_CONTROL_POLICY", "content": %[1]s}},
{"address": "aws_s3_bucket.x", "mode": "managed", "type": "aws_s3_bucket", "values": {}}],
"child_modules": [{"resources": [
{"address": "module.git.aws_iam_group_policy.own", "mode": "managed", "type": "aws_iam_group_policy", "values": {"policy": %[1]s}}]}]}},
"resource_changes": [%s]}`

// TestTerraform reads a plan: users' and groups' policies, each on its line.
func TestTerraform(t *testing.T) {
	set, err := readText(t, "plan.json", fmt.Sprintf(plan, quoted(deny), ""))
	want := []string{`identity policy 0: line 2 Größe "+1" (aws_iam_policy.force)`, `identity policy 0: line 7 Größe "+1" (module.git.aws_iam_group_policy.own)`}
	if got := summary(set); err != nil || !slices.Equal(got, want) || len(set.Notes) != 2 {
		t.Errorf("%v, %q, %q", err, got, set.Notes)
	}
	path := put(t, t.TempDir(), "plan.json", fmt.Sprintf(plan, quoted(deny), ""))
	if set, err = (Sources{SCPs: []string{path}}).Read(); err != nil || len(set.Documents) != 1 || set.Documents[0].Layer != policy.SCP || set.Documents[0].Origin != "aws_organizations_policy.scp" {
		t.Errorf("as SCPs: %v, %q", err, summary(set))
	}
	unknown := `{"address": "aws_iam_policy.force", "change": {"after_unknown": {"policy": true}}}`
	if _, err = readText(t, "plan.json", fmt.Sprintf(plan, quoted(deny), unknown)); err == nil || !strings.Contains(err.Error(), "aws_iam_policy.force: Terraform knows this document only after it is applied") {
		t.Error(err)
	}
	if _, err = readText(t, "state.json", `{"format_version": "1.0", "values": {"root_module": {"resources": [{"type": "aws_vpc", "mode": "managed", "values": {}}]}}}`); err == nil || !strings.Contains(err.Error(), "without a policy of a user or group") {
		t.Error(err)
	}
}

// TestWrappers go into the layer that they say.
func TestWrappers(t *testing.T) {
	summaryOf := func(kind string) string {
		return `"PolicySummary": {"Type": "` + kind + `", "Name": "Limits"}`
	}
	withPrincipal := strings.Replace(deny, `"Effect"`, `"Principal": "*", "Effect"`, 1)
	for name, c := range map[string]struct{ text, want string }{
		"SCP":        {`{"Policy": {` + summaryOf("SERVICE_CONTROL_POLICY") + `, "Content": ` + quoted(deny) + `}}`, `service control policy 0: line 1 Größe "+1" (service control policy Limits)`},
		"RCP":        {`{"Policy": {` + summaryOf("RESOURCE_CONTROL_POLICY") + `, "Content": ` + quoted(withPrincipal) + `}}`, `resource control policy 0: line 1 Größe "+1" (resource control policy Limits)`},
		"key":        {`{"Policy": ` + quoted(withPrincipal) + `, "PolicyName": "default"}`, `key policy 0: line 1 Größe "+1" (key policy default)`},
		"endpoint":   {`{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "PolicyDocument": ` + quoted(withPrincipal) + `}]}`, `VPC endpoint policy 0: line 1 Größe "+1" (policy of vpce-1)`},
		"inline":     {`{"UserName": "alice", "PolicyName": "own", "PolicyDocument": ` + deny + `}`, `identity policy 0: line 2 Größe "+1" (inline policy own of user alice)`},
		"of a group": {`{"GroupName": "git", "PolicyName": "own", "PolicyDocument": ` + deny + `}`, `identity policy 0: line 2 Größe "+1" (inline policy own of group git)`},
	} {
		set, err := readText(t, "w.json", c.text)
		if got := strings.Join(summary(set), "; "); err != nil || got != c.want {
			t.Errorf("%s: %v, %s", name, err, got)
		}
	}
	set, err := readText(t, "old.json", `{"PolicyVersion": {"VersionId": "v3", "IsDefaultVersion": false, "Document": `+deny+`}}`)
	if err != nil || len(set.Notes) != 1 || !strings.Contains(set.Notes[0], "version v3 is not the default version: it is not in force") {
		t.Errorf("%v, %q", err, set.Notes)
	}
	if _, err := readText(t, "w.json", `{"Policy": {`+summaryOf("TAG_POLICY")+`, "Content": "{}"}}`); err == nil || !strings.Contains(err.Error(), "a tag policy, which allows and denies nothing") {
		t.Error(err)
	}
}

// TestAdvice says what to run for what can't be judged, as far as the file says
// it.
func TestAdvice(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.json", `{"AttachedPolicies": []}`, `aws iam get-policy-version --policy-arn ARN --version-id "$(aws iam get-policy --policy-arn ARN --query Policy.DefaultVersionId --output text)"`},
		{"a.json", `{"AttachedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:p"}]}`, `aws iam get-policy-version --policy-arn arn:p --version-id "$(aws iam get-policy --policy-arn arn:p --query Policy.DefaultVersionId --output text)"`},
		{"a.json", `{"PolicyNames": ["x;y VERSION"]}`, "aws iam get-user-policy --user-name USER --policy-name 'x;y VERSION'"},
		{"a.json", `{"Versions": [{"VersionId": "v3"}]}`, "aws iam get-policy-version --policy-arn ARN --version-id v3"},
		{"a.json", `{"Policies": []}`, policyVersion},
		{"a.json", `{"Policies": [{"Arn": "arn:p", "DefaultVersionId": "v2"}]}`, "aws iam get-policy-version --policy-arn arn:p --version-id v2"},
		{"a.json", `{"Policies": [{"Id": "p-1", "Arn": "arn:p"}]}`, "aws organizations describe-policy --policy-id p-1"},
		{"a.json", `{"PolicySummary": {"Id": "p-1"}}`, "aws organizations describe-policy --policy-id p-1"},
		{"a.json", `{"Users": []}`, accountDetails},
		{"a.json", `{"Groups": []}`, accountDetails},
		{"a.json", `{"Role": {}}`, accountDetails},
		{"a.json", `{"RoleName": "r", "PolicyDocument": ` + deny + `}`, accountDetails},
		{"a.json", `{"Policy": {"Arn": "arn:p", "DefaultVersionId": "v2"}}`, "aws iam get-policy-version --policy-arn arn:p --version-id v2"},
		{"terraform.tfstate", `{"version": 4, "terraform_version": "1.9.0", "resources": []}`, "terraform show -json > state.json"},
		{"main.tf", "resource \"aws_iam_policy\" \"x\" {\n}\n", "terraform plan -out plan && terraform show -json plan > plan.json"},
		{"main.txt", "# x\nlocals {\n a = 1\n}\n", "terraform plan -out plan && terraform show -json plan > plan.json"},
		{"my plan", "PK\x03\x04...", "terraform show -json 'my plan'"},
		{"a.xml", "<GetPolicyVersionResponse/>", policyVersion + " --output json"},
		{"t.yaml", "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [!If [a, b, c]]}}}}", policyVersion},
		{"t.yaml", "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: {Effect: !Ref E}}}}}", policyVersion},
		{"t.yaml", "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: !Ref D}}}", policyVersion},
	} {
		t.Chdir(t.TempDir())
		put(t, ".", c.name, c.text)
		_, err := Sources{Policies: []string{c.name}}.Read()
		var read *ReadError
		if !errors.As(err, &read) || read.Command != c.want || read.At != c.name+":1" || err.Error() != c.name+":1: "+read.Problem+": "+c.want {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
}

// TestNearMiss names the user that is meant.
func TestNearMiss(t *testing.T) {
	for user, want := range map[string]string{
		"alise": "did you mean alice?: git-credential-mfa doctor --policy " + accountFile + " --user alice", "arn:aws:iam::210987654321:user/alise": "--user alice", "zoe": "among the 2 users",
	} {
		_, err := Sources{Policies: []string{accountFile}, User: user}.Read()
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", user, err)
		}
	}
	set, err := Sources{Policies: []string{accountFile}, User: "arn:aws:iam::210987654321:user/staff/alice"}.Read()
	if err != nil || set.User.Name != "alice" {
		t.Errorf("by ARN: %v, %+v", err, set.User)
	}
}

// TestLevelsOfFiles: each option is one level, a directory too.
func TestLevelsOfFiles(t *testing.T) {
	root, unit := t.TempDir(), t.TempDir()
	for _, name := range []string{"a.json", "b.json"} {
		put(t, root, name, deny)
	}
	one := put(t, unit, "c.json", deny)
	set, err := Sources{SCPs: []string{root, one}, Policies: []string{one}}.Read()
	var levels []int
	for _, d := range set.Documents {
		levels = append(levels, d.Level)
	}
	if err != nil || !slices.Equal(levels, []int{0, 0, 0, 1}) || set.Documents[0].Layer != policy.Identity {
		t.Errorf("%v, %v", err, levels)
	}
}

// TestEach judges documents one by one, beside the other layers; what can't be
// read or is of another kind does not keep the rest from it.
func TestEach(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "1.json", deny)
	put(t, folder, "2.json", strings.Replace(deny, `"Effect"`, `"Principal": "*", "Effect"`, 1))
	put(t, folder, "3.json", "{")
	limits := put(t, t.TempDir(), "scp.json", deny)
	stack := put(t, t.TempDir(), "stack.yaml", stackYAML)
	subjects, err := Sources{Policies: []string{folder, stack}, SCPs: []string{limits}}.Each()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range subjects {
		name := strings.TrimPrefix(filepath.ToSlash(s.Name), filepath.ToSlash(folder)+"/")
		name = strings.TrimPrefix(name, filepath.ToSlash(filepath.Dir(stack))+"/")
		got = append(got, fmt.Sprintf("%s: %d documents, %d notes, %t", name, len(s.Documents), len(s.Notes), s.Err != nil))
	}
	want := []string{"1.json: 2 documents, 0 notes, false", "2.json: 0 documents, 1 notes, false", "3.json: 0 documents, 0 notes, true",
		"stack.yaml: AWS::IAM::ManagedPolicy ForceMfa: 2 documents, 2 notes, false", "stack.yaml: AWS::IAM::Group Team: 2 documents, 0 notes, false"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestAllUsers reads every user, each with the policies of the groups.
func TestAllUsers(t *testing.T) {
	subjects, err := Sources{Policies: []string{accountFile}}.AllUsers()
	if err != nil || len(subjects) != 2 {
		t.Fatal(err, len(subjects))
	}
	for _, s := range subjects {
		one, err := Sources{Policies: []string{accountFile}, User: s.Name}.Read()
		if (err == nil) != (s.Err == nil) || err == nil && !slices.Equal(summary(one), summary(s.Set)) {
			t.Errorf("%s: %q, alone %q", s.Name, summary(s.Set), summary(one))
		}
	}
	bare := put(t, t.TempDir(), "p.json", deny)
	if _, err := (Sources{Policies: []string{bare}}).AllUsers(); err == nil || !strings.Contains(err.Error(), "get-account-authorization-details") {
		t.Error(err)
	}
	text, err := os.ReadFile(accountFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Sources{Policies: []string{put(t, t.TempDir(), "a.json", string(text))}}).Each(); err != nil {
		t.Error(err)
	}
}
