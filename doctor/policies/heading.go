package policies

import "fmt"

// Heading returns lines that say what was judged, and for whom.
func (c *Case) Heading() []string {
	files, statements := 0, 0
	seen := make(map[string]bool)
	for _, d := range c.Documents {
		if !seen[d.Source] {
			seen[d.Source] = true
			files++
		}
		statements += len(d.Statements)
	}
	who := "an IAM user"
	if c.User.Name != "" {
		who = "the IAM user " + c.User.Name
	}
	if c.AssumeAllow {
		who += ", AdministratorAccess assumed"
	}
	if levels := c.levelsAssumed(); len(levels) > 0 {
		who += ", FullAWSAccess assumed beside the " + join(levels)
	}
	lines := []string{fmt.Sprintf("Policies (%s, %s; judged as %s)", count(files, c.unit()), count(statements, "statement"), who)}
	if options := c.Repository.placeholders(); len(options) > 0 {
		lines = append(lines, fmt.Sprintf("for %s; placeholders: %s", c.RepositoryARN(), join(options)))
	} else {
		lines = append(lines, "for "+c.RepositoryARN())
	}
	return append(lines, c.notes()...)
}

// Listing returns lines that name each document that was read, and the notes.
func (c *Case) Listing() []string {
	var lines []string
	for i, d := range c.Documents {
		if i == 10*maxLines {
			lines = append(lines, "and "+count(len(c.Documents)-i, "more document"))
			break
		}
		line := fmt.Sprintf("%s: %s, %s", d.Source, d.Layer, count(len(d.Statements), "statement"))
		if d.Origin != "" {
			line += " (" + d.Origin + ")"
		}
		lines = append(lines, line)
	}
	return append(lines, c.notes()...)
}

// notes returns what was passed over, and the notes of package policy.
func (c *Case) notes() []string {
	var lines []string
	for i, note := range c.Notes {
		if i == maxLines {
			lines = append(lines, "note: and "+count(len(c.Notes)-i, "more thing")+" passed over")
			break
		}
		lines = append(lines, "note: "+note)
	}
	for _, d := range c.Documents {
		for _, n := range d.Notes {
			if len(lines) == maxLines {
				return append(lines, "note: and more")
			}
			at := d.Source
			if !c.Collected { // nobody sees the lines of IAM's answers
				at = fmt.Sprintf("%s:%d", at, n.Line)
			}
			lines = append(lines, fmt.Sprintf("note: %s: %s", at, n.Text))
		}
	}
	return lines
}

// unit says what is counted: files, or documents that IAM gave.
func (c *Case) unit() string {
	if c.Collected {
		return "document"
	}
	return "file"
}
