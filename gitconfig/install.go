package gitconfig

import (
	"context"
	"errors"
	"fmt"
)

// Install writes our block into a file, with the sections that change makes
// of those that are there. It is false if the file has the block already.
func (g Git) Install(ctx context.Context, file string, change func(old []Section) ([]Section, error)) (bool, error) {
	var sections []Section
	edit := func(old []byte) (text []byte, err error) {
		if sections, err = change(Sections(old)); err != nil {
			return nil, err
		}
		return With(old, sections, g.leads(file, 1)), nil
	}
	return Edit(ctx, file, edit, func(file string) error { return g.verify(ctx, file, sections) })
}

// Uninstall takes our block out of a file. It is false if there is none.
func Uninstall(ctx context.Context, file string) (bool, error) {
	return Edit(ctx, file, func(old []byte) ([]byte, error) { return Without(old), nil }, nil)
}

// ErrSyntax is for a file that git can't read, or reads otherwise than we do.
var ErrSyntax = errors.New("git does not read the file as it should: it was left as it was")

// verify has git read a file, and compares what it finds with our sections:
// what stands before the block can be broken, and a path can hold anything.
func (g Git) verify(ctx context.Context, file string, sections []Section) error {
	out, err := g.run(ctx, "config", "--file", file, "--null", "--get-regexp", `^credential\.`)
	if exitStatus(err) != 0 {
		return fmt.Errorf("checking the new text: %w (%w)", ErrSyntax, err)
	}
	if err != nil {
		return fmt.Errorf("checking the new text: %w", err)
	}
	found, err := parseRecords(out, 1)
	if err != nil {
		return err
	}
	for _, s := range sections {
		var last string
		for _, e := range found {
			if e.Label == s.Label && e.Key == "helper" {
				last = e.Value
			}
		}
		if last != s.Helper {
			return fmt.Errorf("checking the new text: %s: %q instead of %q: %w", s.Label, last, s.Helper, ErrSyntax)
		}
	}
	return nil
}
