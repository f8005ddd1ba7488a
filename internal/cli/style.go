package cli

import (
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
)

// home is what the report shows as "~".
func (p *program) home() string {
	if home := p.Getenv("HOME"); home != "" {
		return home
	}
	return p.Getenv("USERPROFILE")
}

// style looks at the terminal and the locale. Windows' terminals take any
// character from Go, its files do not say their encoding.
func (p *program) style(c *cli.Context) doctor.Style {
	file := terminalOf(p.Stdout)
	terminal := file != nil
	style := doctor.Style{Verbose: c.Bool("verbose"), Colour: terminal && p.hasColour()}
	if terminal {
		style.Width, _, _ = term.GetSize(int(file.Fd())) // 0 when it does not tell
	}
	style.Unicode = p.hasUnicode(terminal)
	return style
}

// hasUnicode reports whether more than ASCII can be shown.
func (p *program) hasUnicode(terminal bool) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(p.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return terminal && runtime.GOOS == "windows"
}

// hasColour reports whether a terminal is to be given colours.
func (p *program) hasColour() bool { return p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb" }
