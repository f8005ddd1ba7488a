package credential

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

const us = "git-codecommit.us-east-1.amazonaws.com"

func TestReadRequest(t *testing.T) {
	want := Request{Protocol: "https", Host: us, Path: "v1/repos/x", Username: "AKIA1"}
	for name, in := range map[string]string{
		"line feeds":      "protocol=https\nhost=" + us + "\npath=v1/repos/x\nusername=AKIA1\n",
		"CRLF":            "protocol=https\r\nhost=" + us + "\r\npath=v1/repos/x\r\nusername=AKIA1\r\n",
		"no final LF":     "protocol=https\nhost=" + us + "\npath=v1/repos/x\nusername=AKIA1",
		"ends at a blank": "protocol=https\nhost=" + us + "\npath=v1/repos/x\nusername=AKIA1\n\nhost=evil.example\n",
		"unknown keys":    "capability[]=authtype\nprotocol=https\nwwwauth[]=Basic realm=\"\x01\"\nhost=" + us + "\nwwwauth[]=\npath=v1/repos/x\nusername=AKIA1\nfuture=1\n",
		"long wwwauth":    "wwwauth[]=" + strings.Repeat("a", 60000) + "\nprotocol=https\nhost=" + us + "\npath=v1/repos/x\nusername=AKIA1\n",
	} {
		for _, reader := range []string{"whole", "byte by byte"} {
			r := strings.NewReader(in)
			var got Request
			var err error
			if reader == "whole" {
				got, err = ReadRequest(r)
			} else {
				got, err = ReadRequest(iotest.OneByteReader(r))
			}
			if err != nil || got != want {
				t.Errorf("%s, %s: got %+v, %v", name, reader, got, err)
			}
		}
	}
}

func TestReadRequestKeepsTheFirstEqualsSign(t *testing.T) {
	got, err := ReadRequest(strings.NewReader("protocol=https\nhost=h\nusername=ASIA%tok=en==\n"))
	if err != nil || got.Username != "ASIA%tok=en==" {
		t.Errorf("got %q, %v", got.Username, err)
	}
}

// Each of these has been an attack on some helper, or is what is left of a
// request when git dies while it writes.
func TestReadRequestRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":             "",
		"only protocol":       "protocol=https\n",
		"only host":           "host=" + us + "\n",
		"empty host":          "protocol=https\nhost=\npath=v1/repos/x\n",
		"two hosts":           "protocol=https\nhost=" + us + "\nhost=evil.example\npath=v1/repos/x\n",
		"two empty paths":     "protocol=https\nhost=" + us + "\npath=\npath=v1/repos/x\n",
		"CR in username":      "protocol=https\nhost=evil.example:13337\nusername=\rprotocol=https\rhost=" + us + "\r\n",
		"two CRs at the end":  "protocol=https\nhost=" + us + "\r\r\n",
		"NUL in host":         "protocol=https\nhost=" + us + "\x00.evil\n",
		"escape in username":  "protocol=https\nhost=" + us + "\nusername=a\x1b[31mb\n",
		"DEL in path":         "protocol=https\nhost=" + us + "\npath=v1/repos/\x7f\n",
		"no equals sign":      "protocol=https\nhost\n",
		"line of 70,000":      "protocol=https\nhost=" + us + "\nwwwauth[]=" + strings.Repeat("a", 70000) + "\n",
		"last line of 65,535": "protocol=https\nhost=" + us + "\nx=" + strings.Repeat("a", 65535),
		"over a MiB":          "protocol=https\nhost=" + us + "\n" + strings.Repeat("wwwauth[]="+strings.Repeat("a", 1000)+"\n", 1100),
	} {
		if got, err := ReadRequest(strings.NewReader(in)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestReadRequestReportsAFailingReader(t *testing.T) {
	boom := errors.New("boom")
	_, err := ReadRequest(iotest.ErrReader(boom))
	if !errors.Is(err, boom) || errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

// The longest line that git itself writes must be read, one byte more must not.
func TestReadRequestLineLimit(t *testing.T) {
	line := func(n int) string { return "wwwauth[]=" + strings.Repeat("a", n-len("wwwauth[]=")-1) + "\n" }
	head := "protocol=https\nhost=h\n"
	if _, err := ReadRequest(strings.NewReader(head + line(maxLine))); err != nil {
		t.Errorf("%d bytes: %v", maxLine, err)
	}
	if _, err := ReadRequest(strings.NewReader(head + line(maxLine+1))); !errors.Is(err, ErrMalformed) {
		t.Errorf("%d bytes: got %v", maxLine+1, err)
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add("protocol=https\nhost=" + us + "\npath=v1/repos/x\n")
	f.Add("protocol=https\r\nhost=h\r\nusername=a\rb\n\n")
	f.Fuzz(func(t *testing.T, in string) {
		req, err := ReadRequest(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, value := range []string{req.Protocol, req.Host, req.Path, req.Username} {
			if strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
				t.Errorf("a control byte in %q", value)
			}
		}
	})
}
