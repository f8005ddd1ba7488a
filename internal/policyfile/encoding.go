package policyfile

import "strings"

// oneLine replaces line breaks by spaces, so that package policy gives every
// statement the line on which the string with the document stands. A line break
// in JSON is white space, or an error in any case.
func oneLine(text string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
}
