package policyfile

import "strings"

// oneLine makes a text stand on one line, so that package policy's lines are
// all the one on which a document stands as a string. In JSON a line break is
// white space, or an error on either line.
func oneLine(text string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
}
