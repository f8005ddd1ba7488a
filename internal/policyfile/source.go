// Package policyfile reads IAM policies out of the files that people have: bare
// documents, the AWS CLI's answers, the export of a whole account,
// CloudFormation templates, Terraform plans. It knows where in the file each
// statement stands, and makes the diff that changes it. It reads files and asks
// nobody.
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

// Sources are what to read policies from: files, directories, and "-" for
// standard input. Each of SCPs and RCPs is one level of the organization.
type Sources struct {
	Policies, Boundaries, SCPs, RCPs, Keys, Endpoints []string
	// User is whose policies to take of a whole account's: a name, or an ARN.
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
	// Notes say what was passed over.
	Notes []string
}

// Subject is one of several that are judged each by itself: a user, or a
// document. Err says why it could not be read.
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

// NewUser is a user of whom the name or the ARN is known.
func NewUser(text string) User {
	if !strings.HasPrefix(text, "arn:") {
		return User{Name: text}
	}
	return User{Name: text[strings.LastIndex(text, "/")+1:], ARN: text}
}

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
	// Level is the level of the organization, from 0, for SCPs and RCPs.
	Level int
	// Origin says which policy it is where the source does not, and whom it is
	// attached to.
	Origin string
	// Root is the document in the text of its file, or in its own text if it
	// stands there encoded.
	Root Value
	// Derived says that the file holds the document in another language, such
	// as YAML, so that changes to Root are none to the file.
	Derived bool
}

// errStdinTwice is for "-" given twice: the second would be empty.
var errStdinTwice = errors.New("standard input can be read once only")

// reader reads sources into a Set.
type reader struct {
	Sources
	Set
	// each says that documents are judged one by one, so that a policy of
	// another kind is passed over.
	each      bool
	levels    map[policy.Layer]int // the next one
	accounts  []*account
	wanted    wanted
	stdinRead bool
}

// wanted is whose policies to take of an account's details.
type wanted int

const (
	oneUser wanted = iota
	allUsers
)

// Read reads all of the sources, or none: what is left out by an error could
// turn the answer around.
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

// layers reads all that is not the user's own policies.
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

// Each reads each document of Policies as a subject of its own, beside which
// the other layers stand. One that can't be read does not keep the others from
// being judged.
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

// subjects makes one of each document of a file.
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

// expand puts the files of directories in their place.
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

// reason words an error of package os without the system call's name and with
// the name as it was given.
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

// jsonFiles are a directory's *.json in the order of their names, not those
// of directories in it: a repository of policies holds others' too.
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
