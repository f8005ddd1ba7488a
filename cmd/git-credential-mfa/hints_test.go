package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unixOnly are words of command lines that cmd and PowerShell do not know, and
// what has no use outside of Linux.
var unixOnly = regexp.MustCompile(`\b(printf 'p|export [A-Z%]|mkdir -p|sudo |unset ([A-Z%]|"$)|chmod |chown |perl -|iconv |timedatectl|sntp|seahorse|ls -l|mv |rm |echo '|2>/dev/null|keyring keyctl|XDG_CACHE_HOME|XDG_RUNTIME_DIR)| '\^`)

// systems are the names by which the program tells them apart.
var systems = map[string]bool{"shell.Here": true, "shell.Linux": true, "shell.MacOS": true, "shell.Windows": true, "runtime.GOOS": true}

// tellsSystems is true for a function that looks at the system: what it says is
// tested by what it says on Windows, in internal/cli, doctor and awsfile.
func tellsSystems(function ast.Node) bool {
	told := false
	ast.Inspect(function, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, named := s.X.(*ast.Ident)
			told = told || named && systems[x.Name+"."+s.Sel.Name]
		}
		if i, ok := n.(*ast.Ident); ok && i.Name == "Windows" {
			told = true
		}
		return !told
	})
	return told
}

// TestHintsOfEverySystem: no text of the program, outside of what looks at the
// system, tells people to type what works on one system only.
func TestHintsOfEverySystem(t *testing.T) {
	looked := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2 || isTestRoom(path)) {
			if entry != nil && entry.IsDir() && err == nil {
				return fs.SkipDir
			}
			return err
		}
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || regexp.MustCompile(`_(unix|linux|darwin|bsd)\.go$`).MatchString(name) {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		looked++
		for _, declared := range file.Decls {
			if tellsSystems(declared) {
				continue
			}
			ast.Inspect(declared, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && unixOnly.MatchString(text.Value) {
					t.Errorf("%s: %s", path, text.Value)
				}
				return true
			})
		}
		return nil
	})
	if err != nil || looked < 100 {
		t.Fatal(looked, err)
	}
}

// isTestRoom is true for folders whose programs are for tests and for those who
// work on this one.
func isTestRoom(path string) bool {
	slashed := filepath.ToSlash(path)
	for _, room := range []string{"internal/sandbox", "internal/bench", "internal/winetest", "internal/mactest", "internal/keyringtest", "internal/keychain", "docs", "packaging"} {
		if strings.HasSuffix(slashed, "/"+room) {
			return true
		}
	}
	return false
}
