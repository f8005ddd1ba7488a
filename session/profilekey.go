package session

import (
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// ProfileKey returns the value of a key of a profile in ~/.aws/config, or "".
// It is for this program's own keys (mfa_process, mfa_session_duration), which
// the SDK reads past; every key of the SDK's comes from the SDK. The last
// value wins, comments start at # or ; behind a space, as in the SDK.
func ProfileKey(profile, key string) string {
	name := os.Getenv("AWS_CONFIG_FILE")
	if name == "" && len(config.DefaultSharedConfigFiles) > 0 {
		name = config.DefaultSharedConfigFiles[0]
	}
	text, err := regularfile.Read(context.Background(), name) // whole: a line may be longer than a bufio.Scanner takes
	if err != nil {
		return ""
	}
	return profileKey(string(text), profile, key)
}

func profileKey(text, profile, key string) (value string) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if section, ok := strings.CutPrefix(line, "["); ok {
			section, _, _ = strings.Cut(section, "]")
			inside = isProfile(section, profile)
			continue
		}
		k, v, ok := strings.Cut(line, "=")
		// An indented line belongs to the key before it (a nested property).
		if inside && ok && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") &&
			strings.EqualFold(strings.TrimSpace(k), key) {
			value = strings.TrimSpace(withoutComment(v))
		}
	}
	return value
}

// isProfile knows the forms [default], [profile default] and [profile NAME];
// quotes around a name with spaces are the AWS CLI's habit.
func isProfile(section, profile string) bool {
	section = strings.TrimSpace(section)
	if rest, ok := strings.CutPrefix(section, "profile"); ok && strings.TrimLeft(rest, " \t") != rest {
		section = strings.Trim(strings.TrimSpace(rest), `"'`)
	} else if section != config.DefaultSharedConfigProfile {
		return false
	}
	return section == profile
}

func withoutComment(v string) string {
	for i := 1; i < len(v); i++ {
		if (v[i] == '#' || v[i] == ';') && (v[i-1] == ' ' || v[i-1] == '\t') {
			return v[:i]
		}
	}
	return v
}
