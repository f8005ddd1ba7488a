package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

const (
	// helpColumns is the width of help in a file or a pipe.
	helpColumns = 80
	// optionColumns is the room for the names of options, and narrowHelp the
	// width below which what they do stands under them.
	optionColumns = 25
	narrowHelp    = 70
	// documents is where the pages are, those in Japanese in a folder ja. The
	// address of a page itself is wider than a terminal.
	documents = "https://github.com/git-credential-mfa/git-credential-mfa/tree/main/docs"
)

const description = `A Git credential helper for AWS CodeCommit, for companies whose policy asks for MFA. It asks for the MFA code once, gets a session from STS (sts:GetSessionToken), keeps it in the keyring of the operating system, and signs each password for git with it.

git runs it by itself once it is configured.

Exit status: 0 done, 1 failed (the reason is on stderr), 2 usage, 130 Ctrl-C.`

// example is a command line, without the program's name, and its purpose.
type example struct{ command, purpose string }

// examplesOf returns the examples of a command, or of the program for "".
func examplesOf(command string) []example {
	switch command {
	case "":
		return []example{{"configure", "have git ask this helper for CodeCommit"}, {"login", "start a session now"},
			{"doctor", "say why CodeCommit answers 403"}}
	case "configure":
		return []example{{"configure", "for every CodeCommit repository"}, {"configure --profile work", "with another AWS profile"},
			{"configure --profile client URL", "for one repository"}}
	case "unconfigure":
		return []example{{"unconfigure --dry-run", "show what would be removed"}}
	case "login":
		return []example{{"login", "for the profile default"}, {"login --refresh", "start a new session"},
			{"login --code - <code.txt", "without a question, for scripts"}}
	case "logout":
		return []example{{"logout", "forget the session of the profile default"}, {"logout --all", "forget every session"}}
	case "status":
		return []example{{"status", "for people"}, {"status --json", "for programs"}}
	case "doctor":
		return []example{{"doctor", "in a clone: for its remotes"}, {"doctor --policy force-mfa.json", "judge a policy, without AWS"},
			{"doctor --report", "for an issue: without secrets"}, {"doctor --policy account.json --all-users --audit", "every user of an account"}}
	case "credential-process":
		return []example{{"--profile work credential-process", "as ~/.aws/config has it"}}
	case "keys":
		return []example{{"keys import", "out of ~/.aws, into the keyring"}, {"keys list", "where each key is"}, {"keys rotate", "a new key, the old one deleted"}}
	case "enroll":
		return []example{{"enroll", "with a QR code"}, {"enroll --text", "with the key in letters"}}
	case "version":
		return []example{{"version --verbose", "what a bug report needs"}}
	case "help":
		return []example{{"help doctor", "explain one command"}}
	}
	return nil
}

// pageOf returns the page of docs and docs/ja that explains a command, or ""
// for the program.
func pageOf(command string) string {
	switch command {
	case "":
		return ""
	case "doctor":
		return "doctor.md"
	case "keys", "enroll":
		return "keys.md"
	}
	return "commands.md"
}

// address returns where the pages are, in the person's language.
func (p *program) address() string {
	if p.language(terminalOf(p.Stdout) != nil) == language.Japanese {
		return documents + "/ja"
	}
	return documents
}

// helpBelow returns the end of a command's help: examples, and where to read more.
func (p *program) helpBelow(command string) string {
	var text strings.Builder
	h := helpText{out: &text, columns: cmp.Or(columnsOf(p.Stdout), helpColumns)}
	if examples := examplesOf(command); len(examples) > 0 {
		h.line("")
		h.line("Examples:")
		h.examples(examples)
	}
	h.line("")
	if page := pageOf(command); page != "" {
		h.line("More: " + page + " in " + p.address())
	} else {
		h.line("More: " + p.address())
	}
	return text.String()
}

// examples writes commands and purposes in two columns, or, if that is too
// wide, below each other.
func (h helpText) examples(examples []example) {
	command, purpose := 0, 0
	for _, e := range examples {
		command, purpose = max(command, len(e.command)), max(purpose, len(e.purpose))
	}
	head := "  " + name + " "
	for _, e := range examples {
		if len(head)+command+2+purpose <= h.columns {
			h.row(fmt.Sprintf("%s%-*s  ", head, command, e.command), e.purpose)
			continue
		}
		fmt.Fprintln(h.out, head+e.command)
		h.row("      ", e.purpose)
	}
}

// shortHelp is shown if the program is run without a command.
func (p *program) shortHelp(app *cli.App) {
	h := helpText{out: p.Stderr, columns: cmp.Or(columnsOf(p.Stderr), helpColumns)}
	h.line("usage: " + app.UsageText)
	fmt.Fprint(h.out, p.helpBelow(""))
	h.line("")
	h.line("Commands: " + strings.Join(commandNames(app), ", "))
	h.line("Help: " + name + " help, " + name + " help COMMAND")
}

// helpText writes help for a width.
type helpText struct {
	out     io.Writer
	columns int
}

// helpOn explains a command, or the program if its name is "".
func (p *program) helpOn(app *cli.App, command string) error {
	h := helpText{out: p.Stdout, columns: cmp.Or(columnsOf(p.Stdout), helpColumns)}
	switch c := app.Command(command); {
	case command == "":
		h.program(app)
	case c != nil:
		h.command(c)
	default:
		return errUsage{unknownCommand{command, closest(command, commandNames(app)), "help "}}
	}
	fmt.Fprint(p.Stdout, p.helpBelow(command))
	return nil
}

// program writes what the program does, its commands and its options.
func (h helpText) program(app *cli.App) {
	h.line(name + " - " + app.Usage)
	h.line("")
	h.line("usage: " + app.UsageText)
	h.text("\n" + app.Description)
	h.commands(app)
	h.options("Global options", app.VisibleFlags())
}

// command writes what a command does, and its options.
func (h helpText) command(c *cli.Command) {
	typed := name + " " + c.Name
	h.line(typed + " - " + c.Usage)
	own, global := splitFlags(c.VisibleFlags())
	h.line("")
	usage := "usage: " + typed
	if len(own)+len(global) > 0 {
		usage += " [options]"
	}
	h.line(strings.TrimRight(usage+" "+c.ArgsUsage, " "))
	if c.Description != "" {
		h.text("\n" + c.Description)
	}
	h.options("Options", own)
	h.options("Global options", global)
}

// splitFlags separates the options of a command from the global ones. It leaves
// out --help, which every command takes.
func splitFlags(flags []cli.Flag) (own, global []cli.Flag) {
	for _, flag := range flags {
		switch first := flag.Names()[0]; {
		case slices.ContainsFunc(globalOptions, func(o option) bool { return o.flag == first }):
			global = append(global, flag)
		case first != "help":
			own = append(own, flag)
		}
	}
	return own, global
}

// line writes a line, broken for the width.
func (h helpText) line(text string) {
	for _, line := range printable.Fill(text, h.columns, "  ") {
		fmt.Fprintln(h.out, line)
	}
}

// row writes a text after a head. Further lines are indented to the column of
// the text.
func (h helpText) row(head, text string) {
	width := h.columns - len(head)
	lines := printable.Fill(text, width, "")
	for i, line := range lines {
		if i > 0 {
			head = strings.Repeat(" ", len(head))
		}
		fmt.Fprintln(h.out, head+line)
	}
}

// text writes paragraphs. An indented line is kept: it is either a row of a
// table, whose second column begins after two spaces, or something to copy.
func (h helpText) text(text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		_, rest, table := strings.Cut(strings.TrimLeft(paragraph, " "), "  ")
		rest = strings.TrimLeft(rest, " ")
		switch {
		case !strings.HasPrefix(paragraph, " "):
			h.row("", paragraph)
		case table:
			h.row(strings.TrimSuffix(paragraph, rest), rest)
		default:
			fmt.Fprintln(h.out, paragraph)
		}
	}
}

// commands lists the program's commands, and below them git's operations.
func (h helpText) commands(app *cli.App) {
	for _, category := range []string{"", operationsCategory} {
		fmt.Fprintf(h.out, "\n%s:\n", cmp.Or(category, "Commands"))
		for _, command := range app.VisibleCommands() {
			if command.Category == category {
				h.row(fmt.Sprintf("  %-19s ", command.Name), command.Usage)
			}
		}
	}
}

// options lists flags and what they do.
func (h helpText) options(title string, flags []cli.Flag) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(h.out, "\n%s:\n", title)
	for _, flag := range flags {
		names, usage := optionWords(flag)
		head := "  " + names
		indent := optionColumns
		if h.columns < narrowHelp {
			indent = 6
		}
		if len(head)+2 > indent {
			fmt.Fprintln(h.out, head)
			head = ""
		}
		h.row(fmt.Sprintf("%-*s", indent, head), usage)
	}
}

// optionWords returns an option as it is typed, with the name of its value, and
// what it does.
func optionWords(flag cli.Flag) (names, usage string) {
	for _, name := range flag.Names() {
		if len(name) > 1 {
			names = strings.TrimPrefix(names+", --"+name, ", ")
		} else {
			names = strings.TrimPrefix(names+", -"+name, ", ")
		}
	}
	documented, ok := flag.(cli.DocGenerationFlag)
	if !ok {
		return names, ""
	}
	usage = documented.GetUsage()
	if _, value, marked := strings.Cut(usage, "`"); marked {
		value, _, _ = strings.Cut(value, "`")
		names += " " + value
	}
	return names, strings.ReplaceAll(usage, "`", "")
}
