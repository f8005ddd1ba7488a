package codecommit

import (
	"errors"
	"testing"
)

func TestParseAddress(t *testing.T) {
	const (
		url  = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
		west = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/demo"
	)
	for address, c := range map[string]struct{ url, scheme, profile string }{
		url:       {url, "https", ""},
		url + "/": {url, "https", ""},
		"https://AKIAIOSFODNN7EXAMPLE%25to:secret@git-codecommit.us-east-1.amazonaws.com:443/v1/repos/demo": {url, "https", ""},
		"ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                                        {url, "ssh", ""},
		"ssh://APKAEIBAERJR2EXAMPLE@GIT-codecommit.us-east-1.amazonaws.com:22/v1/repos/demo":                {url, "ssh", ""},
		"codecommit::us-east-1://demo":         {url, "codecommit", ""},
		"codecommit::us-east-1://my@work@demo": {url, "codecommit", "my@work"},
		"codecommit://demo":                    {west, "codecommit", ""},
		"codecommit://work@demo":               {west, "codecommit", "work"},
		"codecommit::cn-north-1://demo":        {"https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/demo", "codecommit", ""},
		"ssh://vpce-0a-1b.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/demo": {"https://vpce-0a-1b.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/demo", "ssh", ""},
	} {
		a, err := ParseAddress(address, "eu-west-1")
		if err != nil || a.URL() != c.url || a.Scheme != c.scheme || a.Profile != c.profile {
			t.Errorf("%s: %+v, %v", address, a, err)
		}
	}
	for address, want := range map[string]error{
		"":                                 ErrForeignAddress,
		"demo":                             ErrForeignAddress,
		"http" + url[5:]:                   ErrForeignAddress,
		url + "?a":                         ErrForeignAddress,
		"git@" + url[8:]:                   ErrForeignAddress,
		"codecommit:demo":                  ErrForeignAddress,
		"codecommit://demo":                ErrNoRegion,
		"codecommit::us_east_1://demo":     ErrForeignHost,
		"codecommit::us-east-1://":         ErrBadPath,
		"codecommit::us-east-1://a/b":      ErrBadPath,
		url + ".git":                       ErrBadPath,
		"ssh" + url[5:] + "/info/lfs":      ErrLFSPath,
		"https://github.com/v1/repos/demo": ErrForeignHost,
		"ssh://git-codecommit.us-east-1.amazonaws.com:2222/v1/repos/demo": ErrForeignHost,
	} {
		if a, err := ParseAddress(address, ""); !errors.Is(err, want) {
			t.Errorf("%s: %+v, %v", address, a, err)
		}
	}
}
