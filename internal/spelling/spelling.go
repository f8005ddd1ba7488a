// Package spelling tells how far a word is from another one, so that a wrong
// spelling gets "did you mean".
package spelling

import "strings"

// Distance is how many letters have to be put in, taken out or replaced to make
// one word of the other (Levenshtein's).
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1) // of the letters of from so far to each beginning of to
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

// Closest is the name that a wrong spelling most likely means, or "": one that
// is few letters away for its length, whatever the case.
func Closest(wrong string, names []string) string {
	best, fewest := "", min(len(wrong), 2+len(wrong)/4)
	for _, name := range names {
		if d := Distance(strings.ToLower(wrong), strings.ToLower(name)); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}
