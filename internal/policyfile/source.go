// Package policyfile reads IAM policies out of the files that people have: bare
// documents, the AWS CLI's answers, the export of a whole account. It knows
// where in the file each statement stands, and makes the diff that changes it.
// It reads files and asks nobody.
package policyfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Sources are what to read policies from: files, directories, and "-" for
// standard input.
type Sources struct {
	Policies, SCPs, Boundaries []string
	// User is whose policies to take of a whole account's.
	User  string
	Stdin io.Reader
}

// Set is the documents that are judged together: those of one user.
type Set struct {
	Documents []*Document
	User      User
	// Complete says that these are all the policies that the user has, as in
	// an account's details.
	Complete bool
	// Collected says that IAM gave the documents, one by one: the sources are
	// names of policies, in which there are no lines.
	Collected bool
}

// User is an IAM user, as far as known.
type User struct{ Name, ARN, ID string }

// Account is the user's, if known.
func (u User) Account() string {
	if parts := strings.SplitN(u.ARN, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// Document is a policy document with the file that it stands in.
type Document struct {
	*policy.Document
	Layer policy.Layer
	// Origin says which policy it is where the source does not, as in an
	// account's details.
	Origin string
	// Root is the document in the text of its file, or in its own text if it
	// stands there encoded.
	Root Value
}

// errStdinTwice is for "-" given twice: the second would be empty.
var errStdinTwice = errors.New("standard input can be read once only")

// reader reads sources into a Set.
type reader struct {
	Sources
	Set
	stdinRead bool
}

// Read reads all of the sources, or none: what is left out by an error could
// turn the answer around.
func (s Sources) Read() (Set, error) {
	r := &reader{Sources: s}
	r.Set.User.Name = s.User
	for _, l := range []struct {
		layer policy.Layer
		names []string
	}{{policy.Identity, s.Policies}, {policy.Boundary, s.Boundaries}, {policy.SCP, s.SCPs}} {
		for _, name := range l.names {
			if err := r.source(l.layer, name); err != nil {
				return Set{User: User{Name: s.User}}, err
			}
		}
	}
	return r.Set, nil
}

func (r *reader) source(layer policy.Layer, name string) error {
	if name == "-" {
		if r.stdinRead {
			return errStdinTwice
		}
		r.stdinRead = true
		return r.input(layer, "stdin", r.Stdin)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return reason("reading", name, err)
	case info.IsDir():
		return r.directory(layer, name)
	}
	return r.file(layer, name)
}

// reason words an error of package os without the system call's name and with
// the name as it was given.
func reason(doing, name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s %s: %w", doing, name, err)
}

// directory reads a directory's *.json in the order of their names, not those
// of directories in it: a repository of policies holds others' too.
func (r *reader) directory(layer policy.Layer, name string) error {
	entries, err := os.ReadDir(name)
	if err != nil {
		return reason("reading", name, err)
	}
	found := false
	for _, entry := range entries {
		path := filepath.Join(name, entry.Name())
		if !strings.EqualFold(filepath.Ext(path), ".json") {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return reason("reading", path, err)
		case !info.Mode().IsRegular():
			continue
		}
		found = true
		if err := r.file(layer, path); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("reading %s: no *.json in the directory", name)
	}
	return nil
}

func (r *reader) file(layer policy.Layer, name string) error {
	f, err := openFile(name)
	if err != nil {
		return reason("reading", name, err)
	}
	defer f.Close()
	return r.input(layer, name, f)
}

func (r *reader) input(layer policy.Layer, name string, in io.Reader) error {
	raw, err := readAll(in)
	if err != nil {
		return reason("reading", name, err)
	}
	if len(raw) > maxFile {
		return fmt.Errorf("reading %s: over %d MiB", name, maxFile>>20)
	}
	return (&file{Set: &r.Set, user: r.Sources.User, layer: layer, name: name, text: decode(raw)}).read()
}
