//go:build !unix

package main

import "errors"

// typesItself says that codes can be typed here without a person.
const typesItself = false

func (s *stage) runTyping(func(int) string, string, ...string) error {
	return errors.New("codes are typed at a Unix terminal only; leave out --auto, and use a phone of your own")
}
