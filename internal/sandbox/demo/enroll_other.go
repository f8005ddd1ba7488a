//go:build !unix

package main

import "errors"

func (s *stage) runWithPhone(string, ...string) error {
	return errors.New("codes are typed at a Unix terminal only; leave out --auto, and use a phone of your own")
}
