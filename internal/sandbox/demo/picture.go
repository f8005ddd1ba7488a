//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/creack/pty"
)

// columns is the width of the pictures' terminal.
const columns = 126

// A scene is a picture of commands and their output.
type scene struct {
	file, title string
	commands    []string
}

func (s *stage) scenes() []scene {
	return []scene{
		{"doctor.svg", "git-credential-mfa doctor names the statement behind the HTTP 403", []string{
			"git-credential-mfa doctor --policy force-mfa.json"}},
		{"clone.svg", "git clone ends in HTTP 403; after git-credential-mfa configure it asks for the MFA code once, and works", []string{
			"git clone " + s.url,
			"git-credential-mfa configure",
			"git clone " + s.url,
			"git clone --quiet " + s.url + " second",
			"git-credential-mfa status"}},
	}
}

// takePictures runs the scenes on a terminal and draws its content into files
// in the folder. It changes the output in two ways only: the user's folder is
// shown as /home/alice, and the 403 and the code get colours.
func (s *stage) takePictures(folder string) error {
	s.env = append(s.env, "TERM=xterm-256color")
	for _, scene := range s.scenes() {
		var shown strings.Builder
		for i, command := range scene.commands {
			out, err := s.onTerminal(command)
			if err != nil {
				return fmt.Errorf("%s: %w", command, err)
			}
			if i > 0 {
				shown.WriteString("\r\n")
			}
			fmt.Fprintf(&shown, "\x1b[1;32m$\x1b[0m \x1b[1m%s\x1b[0m\r\n%s", command, emphasize(out))
		}
		text := strings.TrimRight(strings.ReplaceAll(shown.String(), s.home(), "/home/alice"), "\r\n")
		picture := svg(scene.title, render(text, columns), columns)
		if err := os.WriteFile(filepath.Join(folder, scene.file), []byte(picture), 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", filepath.Join(folder, scene.file))
	}
	return nil
}

var (
	refusal = regexp.MustCompile(`error: 403\b`)
	mfaCode = regexp.MustCompile(`(: )(\d{6})\b`)
)

// emphasize colours what the reader should see first: git's 403, and the typed
// code.
func emphasize(text string) string {
	text = refusal.ReplaceAllString(text, "\x1b[1;31m$0\x1b[0m")
	return mfaCode.ReplaceAllString(text, "$1\x1b[1;33m$2\x1b[0m")
}

// onTerminal runs a command on a terminal, types the code if the command asks for
// it, and returns everything that was written. A failing command is no error.
func (s *stage) onTerminal(command string) (string, error) {
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir, cmd.Env = s.home(), s.env
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: columns})
	if err != nil {
		return "", err
	}
	defer terminal.Close()
	var shown bytes.Buffer
	typed := false
	for b := make([]byte, 4096); ; {
		n, err := terminal.Read(b)
		shown.Write(b[:n])
		if err != nil {
			break // EIO, when the last program has left the terminal
		}
		if !typed && strings.HasSuffix(shown.String(), "): ") {
			typed = true
			if _, err := io.WriteString(terminal, s.device.Code()+"\n"); err != nil {
				return "", err
			}
		}
	}
	_ = cmd.Wait()
	return shown.String(), ctx.Err()
}
