package doctor

import "testing"

func TestRemotes(t *testing.T) {
	const host = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
	for url, want := range map[string]struct {
		kind   remoteKind
		target string
	}{
		host: {asItIs, host},
		"https://AKIAIOSFODNN7EXAMPLE%25token@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo": {embedded, host},
		"https://git-codecommit.us-east-1.amazonaws.com:443/v1/repos/demo/":                         {slash, host},
		"https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo.git":                          {badPath, host},
		"https://git-codecommit.us-east-1.amazonaws.com/demo":                                       {badPath, host},
		"https://bob@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                          {embedded, host},
		"http://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                               {plainHTTP, host},
		"ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                                {overSSH, host},
		"codecommit::us-east-1://demo":                                                              {overGRC, host},
		"codecommit::us-east-1://profile@demo":                                                      {overGRC, host},
		"codecommit::us-east-1://profile@demo.git":                                                  {overGRC, host},
		"ssh://KEY@git-codecommit.us-east-1.amazonaws.com:22/v1/repos/demo":                         {overSSH, host},
		"codecommit://demo": {overGRC, ""},
		"https://git-codecommit.useast1.amazonaws.com/v1/repos/demo":                {badHost, host},
		"https://codecommit.us-east-1.amazonaws.com/v1/repos/demo":                  {badHost, host},
		"https://git-codecommit.mars.amazonaws.com/v1/repos/demo":                   {badHost, ""},
		"https://github.com/a/b":                                                    {foreign, ""},
		"git@github.com:a/b":                                                        {foreign, ""},
		"/srv/git/demo":                                                             {foreign, ""},
		"https://git-codecommit.us-east-1.amazonaws.com.evil.example/v1/repos/demo": {badHost, host},
		"https://git-codecommit-fips.us_gov_west_1.amazonaws.com/v1/repos/demo":     {badHost, "https://git-codecommit-fips.us-gov-west-1.amazonaws.com/v1/repos/demo"},
	} {
		got := Remote{URL: url}.parse()
		if got.kind != want.kind || got.target.URL != want.target {
			t.Errorf("%s: %v %q, want %v %q", url, got.kind, got.target.URL, want.kind, want.target)
		}
	}
	if got := withoutUser("https://bob:hunter2@h/p@q"); got != "https://…@h/p@q" {
		t.Error(got)
	}
}
