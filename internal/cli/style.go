package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// home is what git takes for the person's home directory.
func (p *program) home() string { return gitexec.Home(os.Environ()) }

// homes are the paths under which the home directory is known, also by those
// who look up another variable, or follow links.
func (p *program) homes() []string {
	var all []string
	for _, path := range []string{p.home(), p.Getenv("HOME"), p.Getenv("USERPROFILE")} {
		all = append(all, path)
		if filepath.IsAbs(path) {
			if target, err := filepath.EvalSymlinks(path); err == nil {
				all = append(all, target)
			}
			all = append(all, shortName(path))
		}
	}
	return all
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
