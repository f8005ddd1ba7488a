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
	// ErrNotAsWritten is for a change after which the SDK would read something
	// else than was meant. The file is as it was.
	ErrNotAsWritten = errors.New("the AWS SDK would not read it as it is meant")
	// ErrChanged is for a file that another program keeps changing meanwhile.
	ErrChanged = errors.New("another program is changing it")
)

// Kind is one of the two AWS files. They name the sections of profiles differently.
type Kind int

const (
	// Config is ~/.aws/config: [default], [profile work].
	Config Kind = iota
	// Credentials is ~/.aws/credentials: [default], [work].
	Credentials
)

// Change sets a key of a profile, or with Remove takes it out.
type Change struct {
	Key, Value string
	Remove     bool
}

// Lock takes a lock for all who change AWS files. It must be one that the
// kernel frees when the process dies.
type Lock func(ctx context.Context) (unlock func(), err error)

// Edit changes keys of one profile in one of the AWS files. The other bytes of
// the file, its line ends, mode and symlink stay as they are; a file that is
// not there is made, of mode 0600. The new text is written beside the file and
// takes its place in one step, after the check that the SDK reads it as it is
// meant, and everything else in it as before: else the error is
// ErrNotAsWritten. Edit is false if there was nothing to change.
func Edit(ctx context.Context, lock Lock, file string, kind Kind, profile string, changes ...Change) (changed bool, err error) {
	return edit(ctx, lock, file, func(old string) (string, error) { return changedText(old, kind, profile, changes) })
}

// edit puts what change makes of a file's text in its place.
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

// NotWritable is for an AWS file that this user can't replace: it or its folder
// is another user's, or read-only.
type NotWritable struct {
	// File is the file's name, which may be that of a symlink.
	File string
	err  error
}

// Error is without the name, which the system's error has too.
func (e NotWritable) Error() string {
	var named *fs.PathError
	if errors.As(e.err, &named) {
		return "no permission to write there (" + named.Err.Error() + ")"
	}
	return "no permission to write there (" + e.err.Error() + ")"
}

// Unwrap is the system's error.
func (e NotWritable) Unwrap() error { return e.err }

// replaceText begins again when a program that takes no lock, such as the AWS
// CLI, has changed the file meanwhile.
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

// changedText returns the text with the changes, checked by reading it again.
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

// sectionFor is the section of a profile: the one that is there, in the AWS
// CLI's spelling with quotes too, or the one to be made.
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

// values are the values of each section; sections without any are left out. A
// nested one stands under KEY, NUL, NESTED.
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

// with returns the text with a key set: in its place, if the section has it,
// else below the section's last key.
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

// withValue is the line of a property with another value, the blanks around it
// and a comment staying.
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

// insert puts a line before another one, or behind the last one.
func (d document) insert(at int, line string) string {
	lines := slices.Clone(d.lines)
	if at == len(lines) {
		lines[at-1] += d.lineEnd(0)
	} else {
		line += d.lineEnd(at - 1)
	}
	return strings.Join(slices.Insert(lines, at, line), "\n")
}

// without returns the text without a key: without all of its lines, since each
// of them would count if the next were gone. A section that was emptied by it
// stays.
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

// appended returns the text with lines at its end, an empty one before them. A
// text without a line end at its end stays without one.
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

// lineEnd is what stands before the "\n" of a line.
func (d document) lineEnd(line int) string {
	if len(d.lines) > 1 && strings.HasSuffix(d.lines[line], "\r") {
		return "\r"
	}
	return ""
}

// afterRead stands in, in tests, for another program that changes the file just
// then.
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
