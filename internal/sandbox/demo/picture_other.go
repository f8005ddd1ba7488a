//go:build !unix

package main

import "errors"

func (s *stage) takePictures(string) error {
	return errors.New("pictures are taken of a Unix terminal only")
}
