package session

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

func newRole(profile, arn, externalID, sessionName string, duration time.Duration) awssource.Role {
	return awssource.Role{Profile: profile, ARN: arn, ExternalID: externalID, SessionName: sessionName, Duration: duration}
}

func TestReadSourceOfRoles(t *testing.T) {
	awsFiles(t, roleConfig, roleCredentials)
	one := newRole("one", "arn:aws:iam::1:role/one", "", "", 15*time.Minute)
	for profile, want := range map[string]struct {
		roles                    []awssource.Role
		base, id, serial, region string
	}{
		"default": {nil, "default", "AKIADEFAULT", "", "eu-west-1"},
		"one":     {[]awssource.Role{one}, "default", "AKIADEFAULT", "ONE", "eu-west-1"},
		"two":     {[]awssource.Role{one, newRole("two", "arn:aws:iam::2:role/two", "e", "s", time.Hour)}, "default", "AKIADEFAULT", "ONE", "eu-west-1"},
		"itself":  {[]awssource.Role{newRole("itself", "arn:aws:iam::1:role/itself", "", "", time.Hour)}, "itself", "AKIAITSELF", "", ""},
		"own":     {[]awssource.Role{newRole("own", "arn:aws-cn:iam::1:role/own", "", "", time.Hour)}, "own", "AKIAOWN", "OWN", "cn-north-1"},
		"machine": {nil, "machine", "", "", ""},
		"over-machine": {[]awssource.Role{newRole("over-machine", "arn:aws:iam::1:role/over", "", "", time.Hour)},
			"machine", "", "", ""},
		"web":        {nil, "web", "", "", ""},
		"over-sso":   {[]awssource.Role{newRole("over-sso", "arn:aws:iam::1:role/over-sso", "", "", time.Hour)}, "sso", "", "", ""},
		"sso-itself": {nil, "sso-itself", "", "", ""},
		"pasted":     {[]awssource.Role{newRole("pasted", "arn:aws:iam::1:role/x", "", "", time.Hour)}, "temporary", "ASIATEMPORARY", "", ""},
		"hour":       {[]awssource.Role{newRole("hour", "arn:aws:iam::1:role/x", "", "", time.Hour)}, "default", "AKIADEFAULT", "", "eu-west-1"},
	} {
		got, err := ReadSource(context.Background(), profile)
		if err != nil || !reflect.DeepEqual(got.Roles, want.roles) || got.Base != want.base || got.Keys.AccessKeyID != want.id ||
			got.RoleSerial.Text != want.serial || got.Region.Text != want.region || got.Temporary() {
			t.Errorf("%s: %v %+v", profile, err, got)
		}
	}
	for profile, want := range map[string]struct {
		err  error
		text string
	}{
		"lost":       {awssource.ErrNoProfile, `reading the AWS profile "lost": its source_profile "nobody": there is no such profile`},
		"over-empty": {ErrNoCredentials, `config:49: its source_profile "empty" has no credentials`},
		"stray":      {awssource.ErrStrayToken, `reading the AWS credentials of profile "stray": there is a session token, but the access key is a long-term one`},
		"no-token":   {awssource.ErrNoToken, `reading the AWS credentials of profile "no-token": the access key is temporary, and its session token is missing`},
	} {
		if _, err := ReadSource(context.Background(), profile); !errors.Is(err, want.err) || !strings.HasSuffix(err.Error(), want.text) {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// What a session is shared by is its name: a role's base is the source's own
// session, and each setting of a role makes another.
func TestIdentitiesOfRoles(t *testing.T) {
	awsFiles(t, roleConfig, roleCredentials)
	provider := func(profile string) *Provider {
		source, err := ReadSource(context.Background(), profile)
		if err != nil {
			t.Fatal(err)
		}
		return &Provider{Source: source, Serial: source.Serial.Text, Region: "eu-west-1"}
	}
	own, one, two := provider("default"), provider("one"), provider("two")
	if two.From().Identity() != one.Identity() || one.From().Identity() != own.Identity() || own.From() != nil {
		t.Errorf("%+v\n%+v\n%+v", two.From().Identity(), one.Identity(), own.Identity())
	}
	if p := two.From().Source.Profile; p != "one" || two.From().From().Source.Profile != "default" {
		t.Errorf("from profile %q", p)
	}
	if got := provider("over-sso").From(); got.Identity() != provider("sso").Identity() || got.Source.Temporary() {
		t.Errorf("%+v", got.Identity())
	}
	if !provider("pasted").From().Source.Temporary() {
		t.Error("pasted keys are not taken as they are")
	}
	base := Source{ID: "A", Roles: []awssource.Role{{ARN: "x"}, {ARN: "y"}}}
	seen := map[cache.Identity]bool{}
	for _, change := range []func(s *Source){
		func(*Source) {},
		func(s *Source) { s.Roles = s.Roles[:1] },
		func(s *Source) { s.Roles = s.Roles[1:] },
		func(s *Source) { s.Roles[0].ExternalID = "e" },
		func(s *Source) { s.Roles[1].ExternalID = "e" },
		func(s *Source) { s.Roles[0].SessionName = "e" },
		func(s *Source) { s.Roles[1].SessionName = "e" },
		func(s *Source) { s.ID = "B" },
	} {
		s := base
		s.Roles = append([]awssource.Role(nil), base.Roles...)
		change(&s)
		id := (&Provider{Source: s}).Identity()
		if seen[id] {
			t.Errorf("two chains are called %+v", id)
		}
		seen[id] = true
	}
}

func TestSessionName(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::1:user/path/alice":               "alice",
		"arn:aws:iam::1:user/al ice\x00":               "alice",
		"arn:aws:sts::1:assumed-role/r/al@example.com": "al@example.com",
		"arn:aws:iam::1:user/a":                        "git-credential-mfa",
		"":                                             "git-credential-mfa",
		"arn:aws:iam::1:user/" + strings.Repeat("u", 65): strings.Repeat("u", 64),
	} {
		if got := sessionName(awssource.Role{}, cache.Session{ARN: arn}); got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
	if got := sessionName(awssource.Role{SessionName: "mine"}, cache.Session{ARN: "x/alice"}); got != "mine" {
		t.Error(got)
	}
}
