// Command sh stands in for the sh.exe of Git for Windows: it has the sh of
// Linux run a script, which Wine starts like any program. A path of Linux is
// below the drive Z:. Wine has neither a handle of a program of Linux to wait
// for nor a pipe to it, so what it prints and its exit status go by files.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	toFiles = `exec >"$0/printed" </dev/null; "$@"; echo $? >"$0/ending"; mv "$0/ending" "$0/status"`
	limit   = time.Minute
)

func main() {
	dir, err := os.MkdirTemp(`Z:\tmp`, "sh-*")
	status := 126
	if err == nil {
		status, err = run(dir, os.Args[1:])
		os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sh:", err)
	}
	os.Exit(status)
}

func run(dir string, args []string) (int, error) {
	line := []string{"sh", "-c", toFiles, onLinux(dir), "/bin/sh"}
	for _, arg := range args {
		line = append(line, onLinux(arg))
	}
	if _, err := os.StartProcess(`Z:\bin\sh`, line, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stderr, os.Stderr}}); err != nil {
		return 126, err
	}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		status, err := os.ReadFile(filepath.Join(dir, "status"))
		if err != nil {
			continue
		}
		printed, err := os.ReadFile(filepath.Join(dir, "printed"))
		fmt.Print(string(printed))
		code, _ := strconv.Atoi(strings.TrimSpace(string(status)))
		return code, err
	}
	return 126, fmt.Errorf("no end within %v", limit)
}

func onLinux(arg string) string {
	if rest, ok := strings.CutPrefix(arg, "Z:"); ok {
		return strings.ReplaceAll(rest, `\`, "/")
	}
	return arg
}
