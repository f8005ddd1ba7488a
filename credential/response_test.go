package credential

import (
	"strings"
	"testing"
	"time"
)

// writes counts the calls, since git must never read half an answer.
type writes struct {
	strings.Builder
	n int
}

func (w *writes) WriteString(s string) (int, error) {
	w.n++
	return w.Builder.WriteString(s)
}

func TestResponseWrite(t *testing.T) {
	var out writes
	err := Response{Username: "ASIA%t", Password: "s3cr3t", Expiry: time.Unix(1709251199, 999)}.Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "username=ASIA%t\npassword=s3cr3t\npassword_expiry_utc=1709251199\n"; got != want || out.n != 1 {
		t.Errorf("got %q in %d writes, want %q in one", got, out.n, want)
	}
}

func TestResponseWriteQuit(t *testing.T) {
	var out strings.Builder
	if err := (Response{Quit: true}).Write(&out); err != nil || out.String() != "quit=1\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestResponseWriteRefuses(t *testing.T) {
	for name, r := range map[string]Response{
		"username alone":   {Username: "u"},
		"password alone":   {Password: "s3cr3t"},
		"LF in password":   {Username: "u", Password: "s3cr3t\nhost=evil"},
		"CR in username":   {Username: "u\r", Password: "s3cr3t"},
		"NUL in username":  {Username: "u\x00", Password: "s3cr3t"},
		"nothing whatever": {},
	} {
		var out strings.Builder
		if err := r.Write(&out); err == nil || out.Len() > 0 {
			t.Errorf("%s: wrote %q, %v", name, out.String(), err)
		} else if r.Password != "" && strings.Contains(err.Error(), r.Password) {
			t.Errorf("%s: the error shows the password", name)
		}
	}
}
