package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// profileNames returns the names of the profiles in AWS's two files, sorted.
// It reads their section headers only: a person waits at the Tab key.
func profileNames(getenv func(string) string) []string {
	var names []string
	for _, file := range sharedFiles(getenv("AWS_CONFIG_FILE"), config.DefaultSharedConfigFiles) {
		for _, section := range sections(file) {
			// Sections of config that are not profiles: sso-session, services.
			name, isProfile := strings.CutPrefix(section, "profile")
			switch {
			case section == config.DefaultSharedConfigProfile:
				names = append(names, section)
			case isProfile && strings.TrimLeft(name, " \t") != name:
				names = append(names, strings.Trim(strings.TrimSpace(name), `"'`))
			}
		}
	}
	for _, file := range sharedFiles(getenv("AWS_SHARED_CREDENTIALS_FILE"), config.DefaultSharedCredentialsFiles) {
		names = append(names, sections(file)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func sharedFiles(override string, defaults []string) []string {
	if override != "" {
		return []string{override}
	}
	return defaults
}

// sections returns the names in brackets of a file; what can't be read has
// none.
func sections(name string) (names []string) {
	text, err := regularfile.Read(context.Background(), name)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if section, ok := strings.CutPrefix(line, "["); ok {
			section, _, closed := strings.Cut(section, "]")
			if section = strings.TrimSpace(section); closed && section != "" {
				names = append(names, section)
			}
		}
	}
	return names
}
