package policyfile

import "strings"

// near finds the name that a wrong spelling most likely means, or "": one with
// few letters to change, or of the same letters in other case.
func near(wrong string, names []string) string {
	best, fewest := "", min(len(wrong), 1+max(1, len(wrong)/3))
	for _, name := range names {
		if d := distance(strings.ToLower(wrong), strings.ToLower(name)); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}

// distance is Levenshtein's: how many letters to add, drop or change.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			change := diagonal
			if r != s {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(to)]
}
