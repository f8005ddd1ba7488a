package prompt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// dialog finds a program that shows windows. KDE's own comes first on KDE.
func (p *Prompter) dialog() (dialog, error) {
	if p.Getenv("DISPLAY") == "" && p.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	z, k := p.onPath("zenity"), p.onPath("kdialog")
	kde := strings.Contains(p.Getenv("XDG_CURRENT_DESKTOP"), "KDE")
	switch {
	case k != "" && (kde || z == ""):
		return kdialog{p.desktop(k)}, nil
	case z != "":
		return zenity{p.desktop(z)}, nil
	}
	return nil, errors.New("neither zenity nor kdialog is on PATH")
}

// onPath finds a program in PATH's absolute folders. It ignores relative ones,
// since they can be in a repository that somebody else has written.
func (p *Prompter) onPath(name string) string {
	for _, dir := range filepath.SplitList(p.Getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if program, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return program
		}
	}
	return ""
}

func (p *Prompter) desktop(program string) desktop {
	d := desktop{program: program, trace: p.Trace, env: os.Environ()}
	locale := cmp.Or(p.Getenv("LC_ALL"), p.Getenv("LC_CTYPE"), p.Getenv("LANG"))
	if !strings.Contains(strings.ToLower(strings.ReplaceAll(locale, "-", "")), "utf8") {
		// In an ASCII locale zenity refuses arguments in any other script.
		d.env = append(d.env, "LC_ALL=C.UTF-8")
	}
	return d
}

// zenity is GNOME's program. The text of an entry is not markup, but an
// underscore marks a key, and backslashes are escapes as in C
// (gtk_label_set_text_with_mnemonic of g_strcompress in its src/entry.c, 3.0 to
// 4.2).
type zenity struct{ desktop }

func (z zenity) name() string { return "zenity" }

func (z zenity) enter(ctx context.Context, lines []string) (string, error) {
	text := strings.NewReplacer(`\`, `\\`, "_", "__").Replace(strings.Join(lines, "\n"))
	return z.ask(ctx, "--entry", "--title="+dialogTitle, "--text="+text)
}

// choose escapes the text of the list, which zenity always takes as markup
// (gtk_label_set_markup in src/tree.c). The rows are plain.
func (z zenity) choose(ctx context.Context, lines, rows []string) (string, error) {
	text := strings.ReplaceAll(html.EscapeString(strings.Join(lines, "\n")), `\`, `\\`)
	args := []string{"--list", "--title=" + dialogTitle, "--text=" + text, "--column=", "--hide-header",
		"--separator=\\n", "--width=640", "--height=320"}
	out, err := z.ask(ctx, append(args, rows...)...)
	// After a double click some versions print the row twice (GNOME #698683).
	row, _, _ := strings.Cut(out, "\n")
	return row, err
}

// kdialog is KDE's program. Qt takes a text for markup by its first line
// (Qt::mightBeRichText), which is this program's. An ampersand marks a key, and
// backslashes are kdialog's escapes (Utils::parseString).
type kdialog struct{ desktop }

func (k kdialog) name() string { return "kdialog" }

func (k kdialog) enter(ctx context.Context, lines []string) (string, error) {
	text := strings.NewReplacer(`\`, `\\`, "&", "&&").Replace(strings.Join(lines, "\n"))
	return k.ask(ctx, "--title", dialogTitle, "--inputbox", text)
}

// choose does not double ampersands: without a field beside it, this label
// marks no keys.
func (k kdialog) choose(ctx context.Context, lines, rows []string) (string, error) {
	args := []string{"--title", dialogTitle, "--menu", strings.ReplaceAll(strings.Join(lines, "\n"), `\`, `\\`)}
	for _, row := range rows {
		args = append(args, row, row)
	}
	return k.ask(ctx, args...)
}

// ask shows a window. The error is ErrCancelled for Cancel, and ErrImpossible
// if there is no desktop.
func (d desktop) ask(ctx context.Context, args ...string) (string, error) {
	printed, talk, err := d.run(ctx, args...)
	var status *exec.ExitError
	switch {
	case err == nil:
		return printed, nil
	case ctx.Err() != nil, errors.Is(err, ErrNotACode):
		return "", err
	case errors.As(err, &status) && status.ExitCode() == 1 && noDisplay(talk) == "":
		return "", ErrCancelled
	}
	return "", fmt.Errorf("%w: %s: %s", ErrImpossible, filepath.Base(d.program), cmp.Or(noDisplay(talk), err.Error()))
}

// noDisplay returns the message of GTK or Qt for a desktop that does not exist,
// as with an old DISPLAY. GTK's exit status is then the same as for Cancel.
func noDisplay(talk string) string {
	for line := range strings.Lines(talk) {
		if strings.Contains(line, "open display") || strings.Contains(line, "connect to display") {
			return printable.Line(strings.TrimSpace(line))
		}
	}
	return ""
}

// ownGroup puts a program into a process group, so that it can be killed with
// all that it starts, and has the kernel kill it when this process dies. The
// kernel watches the thread that started it (PR_SET_PDEATHSIG), so that must be
// locked.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
