package spelling

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"login", "login", 0}, {"lgin", "login", 1}, {"loign", "login", 2}, {"é", "e", 1}, {"kitten", "sitting", 3}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestClosest(t *testing.T) {
	names := []string{"alice", "bob", "carol.smith"}
	for wrong, want := range map[string]string{
		"alise": "alice", "ALICE2": "alice", "bo": "bob", "carolsmith": "carol.smith", "x": "", "zoe": "", "": "", "dave": "",
	} {
		if got := Closest(wrong, names); got != want {
			t.Errorf("%q: %q, want %q", wrong, got, want)
		}
	}
}
