package gitconfig

import (
	"bytes"
	"strings"
)

// span is where our block lies among the lines of a file.
type span struct {
	start, end int
	ok         bool
}

// findSpan finds our block from a line on. One of its marks may be missing:
// "git config --remove-section" takes comments along that stand before the
// next section. Then the block goes as far as its lines look like ours.
func findSpan(lines [][]byte, from int) span {
	for i := from; i < len(lines); i++ {
		switch {
		case isMark(lines[i], beginMark):
			return span{i, endOf(lines, i+1), true}
		case isMark(lines[i], endMark):
			return span{startOf(lines[:i], from), i + 1, true}
		}
	}
	return span{}
}

// startOf returns the line where the block begins that ends behind some lines:
// at a header, since what stands above the first of ours is somebody else's.
func startOf(lines [][]byte, from int) int {
	start := len(lines)
	for i := len(lines) - 1; i >= from && isOwn(lines[i]); i-- {
		if _, header := ownHeader(lines[i]); header {
			start = i
		}
	}
	return start
}

// endOf returns the line behind the block that has begun before line i.
func endOf(lines [][]byte, i int) int {
	for j := i; j < len(lines) && !isMark(lines[j], beginMark); j++ {
		if isMark(lines[j], endMark) {
			return j + 1
		}
	}
	for i < len(lines) && isOwn(lines[i]) {
		i++
	}
	return i
}

func isMark(line []byte, mark string) bool { return bytes.HasPrefix(line, []byte(mark)) }

// isOwn reports whether a line looks like one of ours, wherever it stands.
func isOwn(line []byte) bool {
	if isMark(line, beginMark) || isMark(line, endMark) {
		return false
	}
	if label, ok := ownHeader(line); ok {
		return isCodeCommit(label)
	}
	found := parseFile(line)
	return len(found) == 1 && isOwnSetting(found[0], false)
}

// ownHeader reads a line that is [credential "LABEL"] or [http "LABEL"] and
// nothing else.
func ownHeader(line []byte) (label string, ok bool) {
	text := strings.TrimRight(string(line), "\r\n")
	section, text, ok := strings.Cut(text, ` "`)
	label, end := strings.CutSuffix(text, `"]`)
	return label, ok && end && (section == "[credential" || section == "[http") && !strings.ContainsAny(label, `"\`)
}

func isCodeCommit(label string) bool { return strings.Contains(label, "git-codecommit") }

// isOwnSetting knows our settings. What follows the empty helper is ours
// whatever the program is called.
func isOwnSetting(s setting, afterReset bool) bool {
	switch s.key {
	case "helper":
		return s.set && (s.value == "" || afterReset || Ours(s.value))
	case "usehttppath":
		return s.set && s.value == "true"
	case "proactiveauth":
		return s.set && s.value == "basic"
	}
	return false
}

// strangers returns the lines of a block that are not ours, each with the
// header of its section: "git config" adds settings to the last section of a
// name, and that can be one of ours.
func strangers(block [][]byte) [][]byte {
	var kept [][]byte
	var header []byte // of our section, until it is kept
	ours, afterReset := true, false
	for _, line := range block {
		found := parseFile(line)
		text := bytes.TrimSpace(line)
		switch {
		case isMark(line, beginMark), isMark(line, endMark):
		case len(text) > 0 && text[0] == '[':
			label, ok := ownHeader(line)
			ours, header = ok && isCodeCommit(label), line
			if !ours {
				kept = append(kept, line)
			}
		case ours && len(text) == 0:
		case ours && len(found) == 1 && isOwnSetting(found[0], afterReset):
			afterReset = found[0].key == "helper" && found[0].value == ""
			continue
		default:
			if ours && header != nil && len(found) > 0 {
				kept = append(kept, header)
				header = nil
			}
			kept = append(kept, line)
		}
		afterReset = false
	}
	return kept
}
