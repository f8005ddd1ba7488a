package awsfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

var (
	// ErrNotAsWritten is for a change that the SDK would read differently. The file
	// was not changed.
	ErrNotAsWritten = errors.New("the AWS SDK would not read it as intended")
	// ErrChanged is for a file that another program keeps changing.
	ErrChanged = errors.New("another program is changing it")
)

// Kind is one of the two AWS files, which name the sections of profiles
// differently.
type Kind int

const (
	// Config is ~/.aws/config: [default], [profile work].
	Config Kind = iota
	// Credentials is ~/.aws/credentials: [default], [work].
	Credentials
)

// Change sets a key of a profile, or removes it.
type Change struct {
	Key, Value string
	Remove     bool
}

// Lock takes a lock that all processes of this program take to change an AWS
// file. The kernel must free it when the process dies.
type Lock func(ctx context.Context) (unlock func(), err error)

// Edit changes keys of one profile in one of the AWS files, and reports whether
// there was anything to change. All other bytes of the file, its line ends, mode
// and symlink stay; a file that does not exist is created with mode 0600. The
// new text replaces the file in one step, after a check that the SDK reads the
// new values, and everything else as before. If not, the error is
// ErrNotAsWritten.
func Edit(ctx context.Context, lock Lock, file string, kind Kind, profile string, changes ...Change) (changed bool, err error) {
	return edit(ctx, lock, file, func(old string) (string, error) { return changedText(old, kind, profile, changes) })
}

// edit replaces a file's text by what change returns for it.
func edit(ctx context.Context, lock Lock, file string, change func(old string) (string, error)) (changed bool, err error) {
	unlock, err := lock(ctx)
	if err != nil {
		return false, fmt.Errorf("changing %s: %w", file, err)
	}
	defer unlock()
	changed, err = replaceText(ctx, file, change)
	if atomicfile.IsNotWritable(err) {
		err = NotWritable{File: file, err: err}
	}
	if err != nil {
		return changed, fmt.Errorf("changing %s: %w", file, err)
	}
	return changed, nil
}

// NotWritable is for an AWS file that this user can't replace, because it or its
// folder belongs to another user or is read-only.
type NotWritable struct {
	// File is the file's name, which may be that of a symlink.
	File string
	err  error
}

// Error leaves out the file's name, which Edit's error has.
func (e NotWritable) Error() string {
	var named *fs.PathError
	if errors.As(e.err, &named) {
		return "no permission to write there (" + named.Err.Error() + ")"
	}
	return "no permission to write there (" + e.err.Error() + ")"
}

// Unwrap returns the system's error.
func (e NotWritable) Unwrap() error { return e.err }

// replaceText starts over when a program that takes no lock, such as the AWS CLI,
// has changed the file meanwhile.
func replaceText(ctx context.Context, file string, change func(old string) (string, error)) (bool, error) {
	target, err := atomicfile.FollowLinks(file)
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return false, err
	}
	for range 5 {
		old, mode, err := readForEdit(target)
		if err != nil {
			return false, err
		}
		afterRead()
		text, err := change(string(old))
		if cause := Cause(0); errors.As(err, &cause) {
			err = Problem{Cause: cause, Place: Place{File: file}}
		}
		if err != nil || text == string(old) {
			return false, err
		}
		err = atomicfile.Replace(target, []byte(text), mode, func() error {
			if now, _, err := readForEdit(target); err != nil || !bytes.Equal(now, old) { // mutation: awsfile: what another program writes meanwhile is kept
				return errors.Join(ErrChanged, err)
			}
			return ctx.Err()
		})
		if !errors.Is(err, ErrChanged) {
			return err == nil, err
		}
	}
	return false, ErrChanged
}

// changedText returns the text with the changes, after reading it again to check
// them.
func changedText(old string, kind Kind, profile string, changes []Change) (string, error) {
	if cause := foreign([]byte(old)); cause != 0 {
		return "", cause
	}
	before := parse(old)
	if before.loneQuote >= 0 {
		return "", LoneQuote
	}
	section := before.sectionFor(kind, profile)
	text, wanted := old, before.values()
	for _, c := range changes {
		d, key := parse(text), strings.ToLower(c.Key)
		wanted.remove(section, key)
		if c.Remove {
			text = d.without(section, key)
			continue
		}
		text = d.with(section, key, c.Value)
		wanted.set(section, key, c.Value)
	}
	after := parse(text)
	if after.loneQuote >= 0 || !maps.EqualFunc(after.values(), wanted, maps.Equal[map[string]string, map[string]string]) { // mutation: awsfile: read again before it counts
		return "", ErrNotAsWritten
	}
	return text, nil
}

// sectionFor returns the section of a profile: the existing one, which the AWS
// CLI may have written with quotes, or the one to add.
func (d document) sectionFor(kind Kind, profile string) string {
	var names []string
	for _, h := range d.headers {
		names = append(names, h.section)
	}
	if kind == Credentials {
		return profile
	}
	if section, ok := configSection(names, profile); ok {
		return section
	}
	if profile == DefaultProfile {
		return profile
	}
	return profilePrefix + profile
}

// values maps sections to their keys and values; empty sections are left out.
// The key of a nested value is KEY, NUL, NESTED.
type values map[string]map[string]string

func (d document) values() values {
	all := values{}
	for _, p := range d.properties {
		all.remove(p.section, p.key)
		all.set(p.section, p.key, p.text)
		for key, value := range p.nested {
			all.set(p.section, p.key+"\x00"+key, value)
		}
	}
	return all
}

func (v values) set(section, key, value string) {
	if v[section] == nil {
		v[section] = map[string]string{}
	}
	v[section][key] = value
}

func (v values) remove(section, key string) {
	maps.DeleteFunc(v[section], func(k, _ string) bool { return k == key || strings.HasPrefix(k, key+"\x00") })
	if len(v[section]) == 0 {
		delete(v, section)
	}
}

// with returns the text with a key set: in place if the section has the key,
// otherwise below the section's last key.
func (d document) with(section, key, value string) string {
	for _, p := range slices.Backward(d.properties) {
		if p.section == section && p.key == key {
			lines := slices.Replace(slices.Clone(d.lines), p.start, p.end, d.withValue(p, value))
			return strings.Join(lines, "\n")
		}
	}
	at := 0
	for _, h := range d.headers {
		if h.section == section {
			at = h.line + 1
		}
	}
	if at == 0 {
		return d.appended("["+section+"]", key+" = "+value)
	}
	for _, p := range d.properties {
		if p.section == section && p.start >= at {
			at = p.end
		}
	}
	return d.insert(at, key+" = "+value)
}

// withValue returns the line of a property with another value. The spaces around
// the value and a comment stay.
func (d document) withValue(p property, value string) string {
	line := strings.TrimSuffix(d.lines[p.start], "\r")
	end := d.lines[p.start][len(line):]
	body := withoutComment(line)
	comment := line[len(body):]
	i := strings.IndexAny(body, "=:") + 1
	head := body[:i] + body[i:len(body)-len(trimLeft(body[i:]))]
	if p.text == "" && head == body[:i] {
		head += " "
	}
	return head + value + comment + end
}

// insert returns the text with a line inserted before another one, or added at
// the end.
func (d document) insert(at int, line string) string {
	lines := slices.Clone(d.lines)
	if at == len(lines) {
		lines[at-1] += d.lineEnd(0)
	} else {
		line += d.lineEnd(at - 1)
	}
	return strings.Join(slices.Insert(lines, at, line), "\n")
}

// without returns the text without any line of a key: if only the last one went,
// the one before would count. The section stays, even if it is empty now.
func (d document) without(section, key string) string {
	lines := slices.Clone(d.lines)
	for _, p := range slices.Backward(d.properties) {
		if p.section == section && p.key == key {
			lines = slices.Delete(lines, p.start, p.end)
		}
	}
	last := &lines[len(lines)-1]
	if !strings.HasSuffix(d.lines[len(d.lines)-1], "\r") {
		*last = strings.TrimSuffix(*last, "\r") // the line end belongs to the next line
	}
	return strings.Join(lines, "\n")
}

// appended returns the text with an empty line and more lines at its end. A text
// that does not end with a line end stays so.
func (d document) appended(lines ...string) string {
	end := d.lineEnd(0)
	text := strings.Join(d.lines, "\n")
	switch {
	case text == "":
		return strings.Join(lines, "\n") + "\n"
	case strings.HasSuffix(text, "\n"):
		return text + end + "\n" + strings.Join(lines, end+"\n") + end + "\n"
	}
	return text + end + "\n" + end + "\n" + strings.Join(lines, end+"\n")
}

// lineEnd returns what precedes the "\n" of a line: "\r" or "".
func (d document) lineEnd(line int) string {
	if len(d.lines) > 1 && strings.HasSuffix(d.lines[line], "\r") {
		return "\r"
	}
	return ""
}

// afterRead is for tests, in which another program changes the file at this
// moment.
var afterRead = func() {}

func readForEdit(file string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0o600, nil
	}
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, Problem{Cause: NotAFile, Place: Place{File: file}, err: regularfile.ErrNotRegular}
	}
	text, err := os.ReadFile(file)
	return text, info.Mode().Perm(), err
}
