package doctor

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

// Reading is what was read.
type Reading struct {
	Documents []*Document
	User      User
	// Complete says that an account's details were read, so that these are all
	// the policies that the user has.
	Complete bool
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

	text []byte // of the file, or of the document if it stands there encoded
	root span   // the document in the text
}

// errStdinTwice is for "-" given twice: the second would be empty.
var errStdinTwice = errors.New("standard input can be read once only")

// gatherer reads sources into a Reading.
type gatherer struct {
	Sources
	Reading
	stdinRead bool
}

// Read reads all of the sources, or none: what is left out by an error could
// turn the answer around.
func (s Sources) Read() (Reading, error) {
	g := &gatherer{Sources: s}
	g.Reading.User.Name = s.User
	for _, l := range []struct {
		layer policy.Layer
		names []string
	}{{policy.Identity, s.Policies}, {policy.Boundary, s.Boundaries}, {policy.SCP, s.SCPs}} {
		for _, name := range l.names {
			if err := g.source(l.layer, name); err != nil {
				return Reading{User: User{Name: s.User}}, err
			}
		}
	}
	return g.Reading, nil
}

func (g *gatherer) source(layer policy.Layer, name string) error {
	if name == "-" {
		if g.stdinRead {
			return errStdinTwice
		}
		g.stdinRead = true
		return g.input(layer, "stdin", g.Stdin)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return reason("reading", name, err)
	case info.IsDir():
		return g.directory(layer, name)
	}
	return g.file(layer, name)
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
func (g *gatherer) directory(layer policy.Layer, name string) error {
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
		if err := g.file(layer, path); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("reading %s: no *.json in the directory", name)
	}
	return nil
}

func (g *gatherer) file(layer policy.Layer, name string) error {
	f, err := openFile(name)
	if err != nil {
		return reason("reading", name, err)
	}
	defer f.Close()
	return g.input(layer, name, f)
}

func (g *gatherer) input(layer policy.Layer, name string, r io.Reader) error {
	raw, err := readAll(r)
	if err != nil {
		return reason("reading", name, err)
	}
	if len(raw) > maxFile {
		return fmt.Errorf("reading %s: over %d MiB", name, maxFile>>20)
	}
	return (&shape{gatherer: g, layer: layer, name: name, text: decode(raw)}).read()
}
