package codecommit

import "testing"

func TestAccessKeyID(t *testing.T) {
	for username, want := range map[string]string{
		"AKIA234": "AKIA234", "ASIAX%to/k+en==": "ASIAX", "ASIA0%%": "ASIA0",
		"": "", "AKIA": "", "AKIA%": "", "akia2": "", "xAKIA2": "", "AKIA2-": "", "AKIA 2": "", "alice-at-123456789012": "", "%AKIA2": "",
	} {
		if got, ok := AccessKeyID(username); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", username, got, ok)
		}
	}
}
