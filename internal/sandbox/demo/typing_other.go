//go:build !unix

package main

import "errors"

// typesItself is whether the demo can type codes itself on this system.
const typesItself = false

func (s *stage) runTyping(func(int) string, string, ...string) error {
	return errors.New("--auto can type codes only on Unix; leave it out, and use your own phone")
}
