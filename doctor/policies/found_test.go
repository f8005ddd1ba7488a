package policies

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// questions are those about a Case, by doctor's code for what they find.
var questions = []struct {
	code string
	find func(*Case) Finding
}{
	{"CCM101", (*Case).DeniedWithoutMFA}, {"CCM102", (*Case).KMSDeniedWithoutMFA}, {"CCM103", (*Case).DeniedWithMFA}, {"CCM104", (*Case).NotAllowed},
	{"CCM201", (*Case).Exempt}, {"CCM202", (*Case).KMSExempt}, {"CCM203", (*Case).PlainBool}, {"CCM204", (*Case).LooseAllow},
	{"CCM205", (*Case).NothingAsksForMFA}, {"CCM301", (*Case).AgeLimit}, {"CCM302", (*Case).ListDevicesDenied}, {"CCM304", (*Case).Depends},
}

// codes lists what is found, in order.
func codes(c *Case) string {
	var codes []string
	for _, q := range questions {
		if q.find(c).Found {
			codes = append(codes, q.code)
		}
	}
	return strings.Join(codes, " ")
}

// folder has the documents that doctor's tests judge too.
var folder = filepath.Join("..", "testdata")

// known is a repository of which all is known.
var known = Repository{Region: "us-east-1", Account: "123456789012", Name: "demo"}

// read reads the policies of files, as an administrator's.
func read(t testing.TB, names ...string) *Case {
	t.Helper()
	set, err := policyfile.Sources{Policies: names}.Read()
	if err != nil {
		t.Fatal(err)
	}
	return &Case{Set: set, AssumeAllow: true, Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
}

// put writes a file and returns its path.
func put(t testing.TB, directory, name, text string) string {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}
