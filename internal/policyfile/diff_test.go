package policyfile

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	text := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"
	at := func(line string) Edit {
		from := strings.Index(text, "\n"+line+"\n") + 1
		return Edit{From: from, To: from + len(line), With: "x"}
	}
	want := "--- f\n+++ f\n@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n@@ -9,7 +9,7 @@\n 9\n 10\n 11\n-12\n+x\n 13\n 14\n 15\n"
	if got := Diff("f", []byte(text), []Edit{at("12"), at("2")}); got != want {
		t.Errorf("%s", got)
	}
	want = "--- f\n+++ f\n@@ -1,9 +1,9 @@\n 1\n-2\n+x\n 3\n 4\n 5\n-6\n+x\n 7\n 8\n 9\n"
	if got := Diff("f", []byte(text), []Edit{at("2"), at("6")}); got != want {
		t.Errorf("%s", got)
	}
	if got := Diff("f", []byte("one"), []Edit{{0, 3, "two"}}); got != "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-one\n+two\n" {
		t.Errorf("%s", got)
	}
	long := strings.Repeat("x\n", tooLong+1)
	if got := Diff("f", []byte(long), []Edit{{0, 1, "y"}, {len(long) - 2, len(long) - 1, "y"}}); got != "f:1: 2 changes, too many to print\n" {
		t.Errorf("%s", got)
	}
}
