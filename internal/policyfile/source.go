// Package policyfile reads IAM policies from files: documents, output of the
// AWS CLI, the export of an account, CloudFormation templates, Terraform plans.
// It knows where each statement stands in its file, and makes diffs. It reads
// files and makes no calls.
package policyfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/encoding"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Sources names files, directories, and "-" for standard input. Each of SCPs
// and RCPs is one level of the organization.
type Sources struct {
	Policies, Boundaries, SCPs, RCPs, Keys, Endpoints []string
	// User is the name or ARN of a user, whose policies are taken from an
	// account's details.
	User  string
	Stdin io.Reader
}

// Set holds the documents that are judged together: those of one user.
type Set struct {
	Documents []*Document
	User      User
	// Complete is true if the user has no other policies, as in an account's
	// details.
	Complete bool
	// Collected is true if the documents are from IAM. Sources are then names of
	// policies, and lines mean nothing.
	Collected bool
	// Notes name what was passed over.
	Notes []string
}

// Subject is a user or a document, judged by itself. Err says why it could not
// be read.
type Subject struct {
	Name string
	Set
	Err error
}

// User is an IAM user, as far as known.
type User struct {
	Name, ARN, ID string
	// Tags are nil when they are not known.
	Tags map[string]string
}

// NewUser returns the user with a name or an ARN.
func NewUser(text string) User {
	if !strings.HasPrefix(text, "arn:") {
		return User{Name: text}
	}
	return User{Name: text[strings.LastIndex(text, "/")+1:], ARN: text}
}

// Account returns the number of the user's account, or "" if it is not known.
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
	// Level is the level of the organization, from 0, for SCPs and RCPs.
	Level int
	// Origin names the policy, if the source does not, and the user or group to
	// which it is attached.
	Origin string
	// Root is the document's value in the text of its file, or in a text of its
	// own if Derived.
	Root Value
	// Derived is true if the file holds the document in another form, such as
	// YAML or a string, so that edits of Root do not apply to the file.
	Derived bool
}

// errStdinTwice is the error for "-" given twice.
var errStdinTwice = errors.New("standard input can be read once only")

// reader reads sources into a Set.
type reader struct {
	Sources
	Set
	// each is true if documents are judged one by one. Policies of another kind
	// are then passed over.
	each      bool
	levels    map[policy.Layer]int // the next one
	accounts  []*account
	wanted    wanted
	stdinRead bool
}

// wanted says whose policies to take from an account's details.
type wanted int

const (
	oneUser wanted = iota
	allUsers
)

// Read reads all sources, or none: a missing document could change the answer.
func (s Sources) Read() (Set, error) {
	r := s.reader()
	if err := r.read(); err != nil {
		return Set{User: NewUser(s.User)}, err
	}
	return r.Set, nil
}

func (s Sources) reader() *reader {
	return &reader{Sources: s, Set: Set{User: NewUser(s.User)}, levels: make(map[policy.Layer]int)}
}

func (r *reader) read() error {
	if err := r.all(policy.Identity, r.Policies); err != nil {
		return err
	}
	return r.layers()
}

// layers reads the policies of all layers but the user's own.
func (r *reader) layers() error {
	for _, l := range []struct {
		layer policy.Layer
		names []string
	}{{policy.Boundary, r.Boundaries}, {policy.SCP, r.SCPs}, {policy.RCP, r.RCPs}, {policy.Key, r.Keys}, {policy.Endpoint, r.Endpoints}} {
		if err := r.all(l.layer, l.names); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) all(layer policy.Layer, names []string) error {
	for _, name := range names {
		if err := r.source(layer, name); err != nil {
			return err
		}
		r.levels[layer]++
	}
	return nil
}

// Each reads each document of Policies as a subject of its own, together with
// the other layers. A document that can't be read is a subject with an error.
func (s Sources) Each() ([]Subject, error) {
	common := s.reader()
	if err := common.layers(); err != nil {
		return nil, err
	}
	var subjects []Subject
	files, err := common.expand(s.Policies)
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		r := s.reader()
		r.each, r.stdinRead, r.levels = true, common.stdinRead, common.levels
		before := len(r.Documents)
		if err := r.source(policy.Identity, name); err != nil {
			subjects = append(subjects, Subject{Name: name, Err: err, Set: Set{User: r.Set.User}})
			continue
		}
		subjects = append(subjects, common.subjects(name, r.Documents[before:], r.Set)...)
		common.stdinRead = r.stdinRead
	}
	return subjects, nil
}

// subjects makes a subject of each document of a file.
func (r *reader) subjects(name string, documents []*Document, own Set) []Subject {
	if len(documents) == 0 {
		return []Subject{{Name: name, Set: Set{User: own.User, Notes: own.Notes}}}
	}
	var all []Subject
	for i, d := range documents {
		set := Set{User: own.User, Documents: append([]*Document{d}, r.Documents...)}
		if i == 0 {
			set.Notes = own.Notes
		}
		title := name
		if d.Origin != "" {
			title += ": " + d.Origin
		}
		all = append(all, Subject{Name: title, Set: set})
	}
	return all
}

// expand replaces directories by their files.
func (r *reader) expand(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		found, err := jsonFiles(name)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// AllUsers reads every user of an account's details as a subject.
func (s Sources) AllUsers() ([]Subject, error) {
	r := s.reader()
	r.wanted = allUsers
	if err := r.read(); err != nil {
		return nil, err
	}
	if len(r.accounts) == 0 {
		return nil, errors.New("--all-users: none of the files is an account's details: aws iam get-account-authorization-details")
	}
	var subjects []Subject
	for _, a := range r.accounts {
		for _, user := range a.users {
			set, err := a.set(user)
			if err == nil {
				set.Documents = append(set.Documents, r.Documents...)
			}
			subjects = append(subjects, Subject{Name: user.Get("UserName").String(), Set: set, Err: err})
		}
	}
	return subjects, nil
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

// reason wraps an error of package os, without the system call and with the
// name as it was given.
func reason(doing, name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s %s: %w", doing, name, err)
}

// directory reads the files of a directory.
func (r *reader) directory(layer policy.Layer, name string) error {
	files, err := jsonFiles(name)
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := r.file(layer, path); err != nil {
			return err
		}
	}
	return nil
}

// jsonFiles returns a directory's *.json files in the order of their names.
// Subdirectories are left out, as they may hold policies of other users.
func jsonFiles(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, reason("reading", name, err)
	}
	var files []string
	for _, entry := range entries {
		path := filepath.Join(name, entry.Name())
		if !strings.EqualFold(filepath.Ext(path), ".json") {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, reason("reading", path, err)
		case info.Mode().IsRegular():
			files = append(files, path)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading %s: no *.json in the directory", name)
	}
	return files, nil
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
	return (&file{reader: r, layer: layer, name: name, text: encoding.UTF8(raw)}).read()
}
