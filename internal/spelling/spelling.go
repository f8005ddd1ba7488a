// Package spelling compares words, for "did you mean" after a typing error.
package spelling

import "strings"

// Distance returns how many letters must be inserted, deleted or replaced to
// turn one word into the other (the Levenshtein distance).
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1) // the distance from the letters so far to each beginning of to
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		before := row[0]
		row[0] = i + 1
		for j, s := range to {
			replaced := before
			if r != s {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}

// Closest returns the name that a misspelled word most likely means, or "" if
// none is close enough for its length. Case does not matter.
func Closest(wrong string, names []string) string {
	best, fewest := "", min(len(wrong), 2+len(wrong)/4)
	for _, name := range names {
		if d := Distance(strings.ToLower(wrong), strings.ToLower(name)); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}
