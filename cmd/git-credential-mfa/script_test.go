package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script: what the program promises, one promise a
// script. A script has a lab of its own, its phone and its world:
//
//	phone             shows a code, which the askpass types
//	questions N       checks how often a person was asked
//	calls SERVICE ACTION N
//	                  checks how often AWS was
//	lifetime DURATION makes coming sessions shorter
//	append FILE FROM  adds the text of a file to another one
//	devices NAME SERIAL...
//	                  adds a user with a profile of that name and MFA devices
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			l := newLab(e.T().(testing.TB))
			l.askpass()
			e.Values["lab"] = l
			e.Vars = append(l.env, "WORK="+e.WorkDir, "URL="+l.url, "SERIAL="+serial, "LAB="+l.home, "/="+string(os.PathSeparator), ":="+string(os.PathListSeparator), "BUILT="+built, "EXE="+strings.TrimPrefix(programFile, "git-credential-mfa"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"phone": func(ts *testscript.TestScript, _ bool, _ []string) { labOf(ts).phone() },
			"questions": func(ts *testscript.TestScript, _ bool, args []string) {
				if got := labOf(ts).questions(); strconv.Itoa(got) != args[0] {
					ts.Fatalf("%d questions", got)
				}
			},
			"calls": func(ts *testscript.TestScript, _ bool, args []string) {
				if got := labOf(ts).world.Count(args[0], args[1]); strconv.Itoa(got) != args[2] {
					ts.Fatalf("%d calls of %s:%s", got, args[0], args[1])
				}
			},
			"lifetime": func(ts *testscript.TestScript, _ bool, args []string) {
				labOf(ts).world.SetSessionLifetime(durationOf(ts, args[0]))
			},
			"append": func(ts *testscript.TestScript, _ bool, args []string) {
				file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
				ts.Check(err)
				_, err = file.WriteString(ts.ReadFile(args[1]))
				ts.Check(errors.Join(err, file.Close()))
			},
			"devices": func(ts *testscript.TestScript, _ bool, args []string) {
				l := labOf(ts)
				u := l.world.AddUser(args[0])
				for _, serial := range args[1:] {
					u.AddDevice(serial)
				}
				ts.Check(u.WriteAWSFiles(l.home, args[0], map[string]string{"region": region}))
			},
		},
	})
}

func labOf(ts *testscript.TestScript) *lab { return ts.Value("lab").(*lab) }

func durationOf(ts *testscript.TestScript, text string) time.Duration {
	d, err := time.ParseDuration(text)
	ts.Check(err)
	return d
}
