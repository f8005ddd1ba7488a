package doctor

import "fmt"

// maxLines bounds lists in texts for people. The JSON's statements are all
// there.
const maxLines = 5

// count words a number of things: "1 file", "2 files".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
