package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// WriteAWSFiles writes a profile with the user's access key to
// home/.aws/credentials and its other settings to home/.aws/config; a profile
// of that name is replaced, others stay. Of extra, keys that begin with "aws_"
// go to credentials (and win over the user's own), the others to config.
func (u *User) WriteAWSFiles(home, profile string, extra map[string]string) error {
	credentials := map[string]string{
		"aws_access_key_id":     u.AccessKeyID,
		"aws_secret_access_key": u.SecretAccessKey,
	}
	config := map[string]string{}
	for name, value := range extra {
		if strings.HasPrefix(name, "aws_") {
			credentials[name] = value
		} else {
			config[name] = value
		}
	}
	dir := filepath.Join(home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	if err := writeSection(filepath.Join(dir, "credentials"), "["+profile+"]", credentials); err != nil {
		return err
	}
	header := "[profile " + profile + "]"
	if profile == "default" {
		header = "[default]"
	}
	return writeSection(filepath.Join(dir, "config"), header, config)
}

// writeSection puts a section of an ini file at its end.
func writeSection(file, header string, settings map[string]string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var text strings.Builder
	keep := true
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, "[") {
			keep = strings.TrimSpace(line) != header
		}
		if keep {
			text.WriteString(line)
		}
	}
	text.WriteString(header + "\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		text.WriteString(name + " = " + settings[name] + "\n")
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
