package policy

import (
	"encoding/binary"
	"encoding/csv"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "p.json:1: the document is empty"},
		{" \n\t", "p.json:1: the document is empty"},
		{"{\n\"Version\": ", "p.json:2: not valid JSON: unexpected end of JSON input"},
		{"{\n\"Statement\": [],\n}", "p.json:3: not valid JSON: invalid character '}' looking for beginning of object key string"},
		{"{\"Statement\": []} x", "p.json:1: not valid JSON: invalid character 'x' after top-level value"},
		{"%7B%zz", `p.json:1: undoing the percent-encoding: invalid URL escape "%zz"`},
		{`["Statement"]`, "p.json:1: the document is a list, not an object"},
		{`{"PolicyDocument": {}}`, "p.json:1: the document has no Statement, so it is not a policy"},
		{`{"Version": "2012-10-18", "Statement": []}`, `p.json:1: the Version is neither "2012-10-17" nor "2008-10-17"`},
		{`{"Version": 2012, "Statement": []}`, `p.json:1: the Version is neither "2012-10-17" nor "2008-10-17"`},
		{`{"Statement": "x"}`, "p.json:1: statement 1 is a string, not an object"},
		{`{"Statement": [{}]}`, "p.json:1: statement 1 has no Effect"},
		{`{"Statement": {"Effect": "deny"}}`, `p.json:1: statement 1: Effect is neither "Allow" nor "Deny"`},
		{`{"Statement": {"Sid": 7}}`, "p.json:1: statement 1: Sid is a number, not a string"},
		{`{"Statement": {"Effect": "Deny"}}`, "p.json:1: statement 1 has neither Action nor NotAction"},
		{`{"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "*"}}`, "p.json:1: statement 1 has both Action and NotAction"},
		{`{"Statement": {"Effect": "Deny", "Action": "*"}}`, "p.json:1: statement 1 has neither Resource nor NotResource"},
		{`{"Statement": {"Effect": "Deny", "Action": ["*", 3], "Resource": "*"}}`, "p.json:1: statement 1: Action is a number, not a string"},
		{`{"Statement": {"Effect": "Deny", "NotAction": {}, "Resource": "*"}}`, "p.json:1: statement 1: NotAction is an object, not a string"},
		{condition(`[]`), "p.json:1: statement 1: Condition is a list, not an object"},
		{condition(`{"Bool": "x"}`), "p.json:1: statement 1: Bool is a string, not an object of condition keys"},
		{condition(`{"Bool": {"k": null}}`), "p.json:1: statement 1: Bool k is null, not a string"},
		{"{\"Statement\": [],\n\"Statement\": []}", `p.json:2: duplicate key "Statement", first on line 1: IAM refuses such a document`},
		{"{\"Statement\": [],\n\"statement\": []}", `p.json:2: duplicate key "statement": IAM refuses such a document`},
		{condition("{\"Bool\": {\"k\": true},\n\"Bool\": {}}"), `p.json:2: duplicate key "Bool", first on line 1: IAM refuses such a document`},
	} {
		_, err := Parse("p.json", []byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// condition makes a document of one Deny with a condition.
func condition(text string) string {
	return `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": ` + text + `}}`
}

func TestParseOtherKinds(t *testing.T) {
	for _, element := range []string{"Principal", "NotPrincipal"} {
		text := "{\"Statement\": [{\"Effect\": \"Allow\",\n\"" + element + `": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
		_, err := Parse("trust.json", []byte(text))
		if !errors.Is(err, ErrPrincipal) || !strings.HasPrefix(err.Error(), "trust.json:2: statement 1 names a principal") {
			t.Errorf("%s: %v", element, err)
		}
	}
}

func TestParseNotes(t *testing.T) {
	d := parse(t, "p.json", `{"version": "2012-10-17",
"Comment": "?", "statement":
  {"effect": "Deny", "action": [], "resource": "*",
   "condition": {"Bool": {"a": ["yes", false]}, "NumericEquals": {"b": "1e99999"},
                 "Null": {"c": "maybe"}, "Fancy": {"d": 1}}}}`)
	want := []Note{
		{1, `"version" is written "Version" in the policy language`},
		{2, `the document has the unknown element "Comment", which IAM refuses`},
		{2, `"statement" is written "Statement" in the policy language`},
		{3, `"effect" is written "Effect" in the policy language`},
		{3, `"action" is written "Action" in the policy language`},
		{3, `"resource" is written "Resource" in the policy language`},
		{4, `"condition" is written "Condition" in the policy language`},
		{3, "statement 1: Action is an empty list, which IAM refuses"},
		{4, `statement 1: Bool a: the value "yes" never matches`},
		{4, `statement 1: NumericEquals b: the value "1e99999" never matches`},
		{5, `statement 1: Null c: the value "maybe" never matches`},
		{5, "statement 1: Fancy d: the operator is not known here"},
	}
	if !slices.Equal(d.Notes, want) {
		t.Errorf("notes %+v", d.Notes)
	}
	if s := d.Statements[0]; s.Line != 3 || s.Index != 1 || len(s.Conditions) != 4 || s.Conditions[2].Line != 5 {
		t.Errorf("statement %+v", s)
	}
}

// TestParseEncodings reads one document in the forms that it is found in.
func TestParseEncodings(t *testing.T) {
	document := "{\"Version\": \"2012-10-17\",\n \"Statement\": {\"Sid\": \"Größe+1\", \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}}"
	units := utf16.Encode([]rune(document))
	little, big := []byte{0xFF, 0xFE}, []byte{0xFE, 0xFF}
	for _, u := range units {
		little = binary.LittleEndian.AppendUint16(little, u)
		big = binary.BigEndian.AppendUint16(big, u)
	}
	for name, text := range map[string]string{
		"plain":    document,
		"bom":      "\uFEFF" + document,
		"crlf":     strings.ReplaceAll(document, "\n", "\r\n"),
		"percent":  url.PathEscape(document),
		"percent2": " " + strings.ReplaceAll(url.QueryEscape(document), "+", "%20") + "\n",
		"utf16le":  string(little),
		"utf16be":  string(big),
	} {
		d, err := Parse(name, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s := d.Statements[0]; s.Sid != "Größe+1" || s.Line != 2 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestParseAt(t *testing.T) {
	text := `{"Statement":
		{"Effect": "Deny", "Action": "*", "Resource": "*"}}`
	d, err := ParseAt(Identity, "answer.json", 41, []byte(text))
	if err != nil || d.Statements[0].String() != "answer.json:42: statement 1" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := ParseAt(Identity, "answer.json", 41, []byte("\n\n{}")); err == nil || err.Error() != "answer.json:43: the document has no Statement, so it is not a policy" {
		t.Error(err)
	}
	if !MatchAction("CodeCommit:Git*", "codecommit:GitPull") || MatchAction("codecommit:Git", "codecommit:GitPull") {
		t.Error("MatchAction")
	}
}

func TestCorpusKinds(t *testing.T) {
	counts := map[string]int{}
	first := true
	lines(t, "index.tsv", func(line []byte) {
		if first {
			first = false
			return
		}
		r := csv.NewReader(strings.NewReader(string(line)))
		r.Comma, r.LazyQuotes = '\t', true
		fields, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(corpus, fields[0]))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(fields[0], text)
		other := fields[1] == "trust" || fields[1] == "resource"
		if errors.Is(err, ErrPrincipal) != other || !other && err != nil {
			t.Errorf("%s (%s): %v", fields[0], fields[1], err)
		}
		counts[fields[1]]++
	})
	t.Logf("documents read: %v", counts)
}
