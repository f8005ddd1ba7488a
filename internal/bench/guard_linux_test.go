package main

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	const text = "go1.0/amd64\ncached 1000\nforeign 500\n"
	for _, c := range []struct {
		cached, foreign int64
		want            string
	}{
		{1000, 500, ""}, {1050, 475, ""}, {1051, 500, "cached by +5.1 %"}, {1000, 474, "foreign by -5.2 %"},
		{1100, 550, "cached by +10.0 %, foreign by +10.0 %, more than 5 %.\nThis is go"},
	} {
		err := compare(text, map[string]int64{"cached": c.cached, "foreign": c.foreign})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%d and %d: %v", c.cached, c.foreign, err)
		}
	}
	if compare("go1.0/amd64\nelse 1000\n", map[string]int64{"cached": 1}) == nil {
		t.Error("a number of nothing was taken")
	}
}
