package awsfile

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// pieces are what random files are made of.
var (
	headerPieces = []string{"[default]", "[profile a]", "[profile b]", "[a]", "[b]", "[profile default]", "[DEFAULT]", "[profile 'a']", `[profile "my team"]`,
		"[profile my team]", "[my team]", " [ profile \t b ] # x", "[b];x", "[sso-session s]", "[services v]", "[profile a", "[a] x", "[profile profile b]", "[]", "[profile]", "[profile ]", "[Profile a]"}
	keyPieces = []string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "region", "role_arn", "source_profile", "mfa_serial", "MFA_Serial",
		"credential_process", "credential_source", "external_id", "role_session_name", "duration_seconds", "sso_session", "sso_region", "sso_start_url",
		"sso_account_id", "login_session", "ca_bundle", "services", "endpoint_url", "sts", "web_identity_token_file", "x", ""}
	valuePieces = []string{"a", "b", "default", "my team", "s", "v", "k # c", "k#c", "k ;c", "k\t#c", `"q"`, "'q'", `"a b" --x 'y'`, "", "  z  ", "900", "0x10", "http://x:1/y=z", `"`, `""`, "é", `"q" # c`, "\\", "[a]"}
)

func randomFile(r *rand.Rand) string {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	var b strings.Builder
	end := "\n"
	if r.IntN(4) == 0 {
		end = "\r\n"
	}
	for range r.IntN(14) {
		indent := ""
		if r.IntN(6) == 0 {
			indent = pick([]string{" ", "\t", "  "})
		}
		switch n := r.IntN(10); {
		case n < 3:
			b.WriteString(pick(headerPieces))
		case n < 8:
			b.WriteString(indent + pick(keyPieces) + pick([]string{" = ", "=", ": ", " : "}) + pick(valuePieces))
		case n < 9:
			b.WriteString(indent + pick([]string{"# c", "; c", "junk", "", "\ufeff", "a = b = c", " \v"}))
		default:
			for range r.IntN(6) {
				b.WriteString(pick([]string{"[", "]", "=", ":", "#", ";", " ", "\t", "'", `"`, "a", "\r"}))
			}
		}
		b.WriteString(end)
	}
	return strings.TrimSuffix(b.String(), pick([]string{"", "\n"}))
}

// The SDK's reader is the measure: whatever stands in the files, it and ours
// see the same profiles, values and sources.
func TestReadsAsTheSDK(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials")}
	random := rand.New(rand.NewPCG(1, 2))
	found, failed := 0, 0
	rounds := 1500
	if runtime.GOOS == "windows" {
		rounds = 150 // Wine takes ten times as long for a file
	}
	for range rounds {
		texts := map[string]string{}
		for _, name := range files {
			texts[filepath.Base(name)] = randomFile(random)
			if err := os.WriteFile(name, []byte(texts[filepath.Base(name)]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Read(context.Background(), func(name string) string { return files[name] })
		for _, profile := range []string{"default", "DEFAULT", "a", "b", "my team", "profile b", "'a'"} {
			sdk, sdkErr := loadSDK(files, profile)
			if errors.Is(err, LoneQuote) != errors.Is(sdkErr, errPanic) || err != nil && !errors.Is(err, LoneQuote) {
				t.Fatalf("%q: %v, SDK: %v", texts, err, sdkErr)
			}
			if err != nil || f.isQuoted(profile) {
				continue
			}
			ours, ourErr := f.Profile(profile)
			var refused config.SharedConfigAssumeRoleError
			if errors.As(sdkErr, &refused) && refused.Err == nil && f.Value(refused.Profile, "login_session").Text != "" {
				continue // we know better
			}
			if (ourErr == nil) != (sdkErr == nil) {
				t.Fatalf("%q: %s: %v, SDK: %v", texts, profile, ourErr, sdkErr)
			}
			if sdkErr != nil {
				failed++
				continue
			}
			found++
			if diff := compare(ours, &sdk); diff != "" {
				t.Fatalf("%q: %s: %s", texts, profile, diff)
			}
			if ours, sdks := f.Endpoint(func(string) string { return "" }, ours, "sts").Text, sdkEndpoint(sdk); ours != sdks {
				t.Fatalf("%q: %s: endpoint %q, SDK: %q", texts, profile, ours, sdks)
			}
		}
	}
	t.Logf("%d profiles were the same, %d could not be used", found, failed)
	if found < rounds/3 || failed < rounds/3 {
		t.Error("the files are of too few kinds")
	}
}

// isQuoted reports whether our reader makes more of the profile, or of one of
// its sources, than the SDK does.
func (f *Files) isQuoted(profile string) bool {
	for range 5 {
		if _, ok := f.quoted[profile]; ok {
			return true
		}
		profile = f.sections[profile].values["source_profile"].Text
	}
	return false
}

var errPanic = errors.New("the SDK panics")

func loadSDK(files map[string]string, profile string) (shared config.SharedConfig, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return config.LoadSharedConfigProfile(context.Background(), profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{files["AWS_CONFIG_FILE"]}, []string{files["AWS_SHARED_CREDENTIALS_FILE"]}
	})
}

func sdkEndpoint(shared config.SharedConfig) string {
	if v, ok, _ := shared.GetServiceBaseEndpoint(context.Background(), "STS"); ok && v != "" {
		return v
	}
	return shared.BaseEndpoint
}

// compare names the first difference, down the chain of source_profile.
func compare(ours *Profile, sdk *config.SharedConfig) string {
	id, secret, token := ours.Get("aws_access_key_id"), ours.Get("aws_secret_access_key"), ours.Get("aws_session_token")
	if !ours.HasKeys() {
		id, secret, token = "", "", ""
	}
	for _, v := range []struct{ name, ours, sdk string }{
		{"name", ours.Name, sdk.Profile},
		{"id", id, sdk.Credentials.AccessKeyID}, {"secret", secret, sdk.Credentials.SecretAccessKey}, {"token", token, sdk.Credentials.SessionToken},
		{"region", ours.Get("region"), sdk.Region}, {"role_arn", ours.Get("role_arn"), sdk.RoleARN}, {"source_profile", ours.Get("source_profile"), sdk.SourceProfileName},
		{"mfa_serial", ours.Get("mfa_serial"), sdk.MFASerial}, {"credential_process", ours.Get("credential_process"), sdk.CredentialProcess},
		{"credential_source", ours.Get("credential_source"), sdk.CredentialSource}, {"external_id", ours.Get("external_id"), sdk.ExternalID},
		{"role_session_name", ours.Get("role_session_name"), sdk.RoleSessionName}, {"sso_session", ours.Get("sso_session"), sdk.SSOSessionName},
		{"sso_region", ours.Get("sso_region"), sdk.SSORegion}, {"sso_start_url", ours.Get("sso_start_url"), sdk.SSOStartURL},
		{"sso_account_id", ours.Get("sso_account_id"), sdk.SSOAccountID}, {"login_session", ours.Get("login_session"), sdk.LoginSession},
		{"ca_bundle", ours.Get("ca_bundle"), sdk.CustomCABundle}, {"services", ours.Get("services"), sdk.ServicesSectionName},
		{"endpoint_url", ours.Get("endpoint_url"), sdk.BaseEndpoint}, {"web_identity_token_file", ours.Get("web_identity_token_file"), sdk.WebIdentityTokenFile},
		{"duration", fmt.Sprint(ours.DurationSeconds()), fmt.Sprint(sdkSeconds(sdk))},
		{"source", fmt.Sprint(ours.Source != nil), fmt.Sprint(sdk.Source != nil)},
	} {
		if v.ours != v.sdk {
			return fmt.Sprintf("%s %q, SDK: %q", v.name, v.ours, v.sdk)
		}
	}
	if ours.Source != nil {
		return compare(ours.Source, sdk.Source)
	}
	return ""
}

func sdkSeconds(sdk *config.SharedConfig) int64 {
	if sdk.RoleDurationSeconds == nil {
		return 0
	}
	return int64(sdk.RoleDurationSeconds.Seconds())
}

func TestNamesOfFiles(t *testing.T) {
	for kind, want := range map[Kind]string{Config: config.DefaultSharedConfigFilename(), Credentials: config.DefaultSharedCredentialsFilename()} {
		if got := Name(func(string) string { return "" }, kind); got != want {
			t.Errorf("%s, SDK: %s", got, want)
		}
	}
}
