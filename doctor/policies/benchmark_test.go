package policies

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// writeAccount writes the details of an account of about that size. Carol is
// the last of its users, and her policies the last of the policies.
func writeAccount(t testing.TB, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "account.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	document := fmt.Sprintf("{\"Version\": \"2012-10-17\",\n \"Statement\": [%s]}",
		strings.TrimSuffix(strings.Repeat(`{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::bucket/${aws:username}/*"},`+"\n", 20), ",\n"))
	users := size / 4 / 400
	io.WriteString(w, `{"UserDetailList": [`)
	for i := range users {
		fmt.Fprintf(w, "{\"UserName\": \"user%d\", \"Arn\": \"arn:aws:iam::210987654321:user/user%d\", \"GroupList\": [\"everyone\"],\n\"UserPolicyList\": [], \"AttachedManagedPolicies\": [{\"PolicyName\": \"p\", \"PolicyArn\": \"arn:aws:iam::210987654321:policy/p%d\"}], \"Tags\": [{\"Key\": \"a\", \"Value\": \"\\\"b\\\\\"}]},\n", i, i, i)
	}
	io.WriteString(w, `{"UserName": "carol", "GroupList": ["everyone"], "AttachedManagedPolicies": [{"PolicyArn": "arn:last"}]}], "RoleDetailList": [], "GroupDetailList": [{"GroupName": "everyone", "GroupPolicyList": []}], "Policies": [`)
	for i := 0; i < size*3/4/(len(document)+200); i++ {
		fmt.Fprintf(w, "{\"Arn\": \"arn:aws:iam::210987654321:policy/p%d\", \"DefaultVersionId\": \"v1\", \"PolicyVersionList\": [{\"VersionId\": \"v1\", \"IsDefaultVersion\": true, \"Document\": %s}]},\n", i, document)
	}
	last, err := os.ReadFile(filepath.Join(folder, "blocks.json"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, `{"Arn": "arn:last", "PolicyVersionList": [{"IsDefaultVersion": true, "Document": %s}]}]}`, last)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// judgeAccount reads and judges carol's policies.
func judgeAccount(t testing.TB, path string) {
	t.Helper()
	r, err := policyfile.Sources{Policies: []string{path}, User: "carol"}.Read()
	if err != nil || len(r.Documents) != 1 {
		t.Fatal(err)
	}
	if got := codes(&Case{Set: r, AssumeAllow: true, Now: time.Now()}); got != "CCM101 CCM102" {
		t.Error(got)
	}
}

// TestLargeAccount guards the limit of memory at a tenth of its size: 5 MB take
// less than 50 MB.
func TestLargeAccount(t *testing.T) {
	path := writeAccount(t, 5<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	judgeAccount(t, path)
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 50<<20 {
		t.Errorf("5 MB took %d MB", allocated>>20)
	}
}

func BenchmarkAccount(b *testing.B) {
	for _, size := range []int{5 << 20, 50 << 20} {
		path := writeAccount(b, size)
		b.Run(fmt.Sprint(size>>20, "MB"), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				judgeAccount(b, path)
			}
		})
	}
}

// many makes a document of statements that all have to be looked at.
func many(n int) *policyfile.Document {
	var text strings.Builder
	text.WriteString(`{"Version": "2012-10-17", "Statement": [`)
	for i := range n {
		if i > 0 {
			text.WriteString(",\n")
		}
		fmt.Fprintf(&text, `{"Effect": "Deny", "NotAction": ["iam:*", "codecommit:Git*", "s3:Get*%d"], "Resource": ["arn:aws:s3:::b%d/${aws:username}/*", "*"],
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "%d"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`, i, i, 3600+i)
	}
	text.WriteString("]}")
	d, err := policy.Parse("many", []byte(text.String()))
	if err != nil {
		panic(err)
	}
	return &policyfile.Document{Document: d, Layer: policy.Identity, Root: policyfile.NewValue([]byte(text.String()))}
}

func BenchmarkStatements(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		d := many(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				codes(&Case{Set: policyfile.Set{Documents: []*policyfile.Document{d}}, AssumeAllow: true, Now: time.Now()})
			}
		})
	}
}
