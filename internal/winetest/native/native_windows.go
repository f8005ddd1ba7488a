// Package native runs programs of Linux from a program of Windows under Wine,
// for the commands that stand in for those of Git for Windows. Wine starts them
// like any other, but has neither a handle to wait for nor a pipe to them: what
// goes in and comes out goes by files. A path of Linux is below the drive Z:.
package native

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	byFiles = `HOME=$1; shift; exec <"$0/in" >"$0/out"; "$@"; echo $? >"$0/ending"; mv "$0/ending" "$0/status"`
	limit   = time.Minute
	failed  = 126
)

// Main runs a program with arguments and stdin, prints what it prints, and ends
// this process as it ended.
func Main(stdin io.Reader, program string, args ...string) {
	printed, status, err := Run(stdin, program, args...)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
	}
	fmt.Print(printed)
	os.Exit(status)
}

// Run returns what a program prints and its exit status. Its stderr is this
// process's.
func Run(stdin io.Reader, program string, args ...string) (printed string, status int, err error) {
	dir, err := os.MkdirTemp(`Z:\tmp`, "native-*")
	if err != nil {
		return "", failed, err
	}
	defer os.RemoveAll(dir)
	text, err := io.ReadAll(stdin)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "in"), text, 0o600)
	}
	if err != nil {
		return "", failed, err
	}
	// Wine has a HOME of its own for programs of Linux.
	line := []string{"sh", "-c", byFiles, Path(dir), Path(os.Getenv("HOME")), program}
	for _, arg := range args {
		line = append(line, Path(arg))
	}
	env := os.Environ()
	for i, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		env[i] = name + "=" + Path(value)
	}
	if _, err := os.StartProcess(`Z:\bin\sh`, line, &os.ProcAttr{Env: env, Files: []*os.File{os.Stdin, os.Stderr, os.Stderr}}); err != nil {
		return "", failed, err
	}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		code, err := os.ReadFile(filepath.Join(dir, "status"))
		if err != nil {
			continue
		}
		status, _ := strconv.Atoi(strings.TrimSpace(string(code)))
		printed, err := os.ReadFile(filepath.Join(dir, "out"))
		return string(printed), status, err
	}
	return "", failed, fmt.Errorf("no end within %v", limit)
}

// Path is the name that Linux has for a path, when the text is one.
func Path(text string) string {
	if rest, ok := strings.CutPrefix(text, "Z:"); ok {
		return strings.ReplaceAll(rest, `\`, "/")
	}
	return text
}
