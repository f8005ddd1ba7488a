// Command bench measures how long git waits for a helper: whole processes, from
// start to exit, of this helper and of other programs.
//
//	go run ./internal/bench
//
// It starts its own session bus and GNOME Keyring, so it does not touch the
// user's, and needs gnome-keyring-daemon and dbus-daemon. It compares with an
// empty Go program, and if they are installed with the AWS CLI and git's helper
// in C for the same keyring, which it builds from git's source. It prints what is
// missing. With valgrind it counts instructions too.
//
// With -fetch it measures whole git commands instead: fetch, push and clone over
// a network with a delay (see fetch_linux.go).
//
// With -guard it only counts instructions, and fails if they differ from the
// committed numbers (see guard_linux.go).
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

func main() {
	runs := flag.Int("runs", 100, "rounds; each runs every program once")
	guarded := flag.Bool("guard", false, "only compare the instructions of an answer with the committed numbers")
	update := flag.Bool("update", false, "with -guard: write the present numbers")
	fetch := flag.Bool("fetch", false, "only measure git commands over a network with a delay; -runs 9 is enough")
	helper := flag.String("helper", "", "measure this git-credential-mfa instead of building one")
	flag.Parse()
	if err := run(*runs, *guarded, *update, *fetch, *helper); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(runs int, guarded, update, fetch bool, helper string) error {
	l, err := openLab(helper)
	if err != nil {
		return err
	}
	defer l.close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() { // leaves nothing behind
		<-interrupted
		l.close()
		os.Exit(1)
	}()
	if guarded {
		return guard(l, update)
	}
	if fetch {
		return l.fetches(runs)
	}
	subjects, missing := l.peers()
	for _, s := range subjects {
		if s.slow { // a script, and its interpreter
			continue
		}
		if err := l.copied(s); err != nil {
			return err
		}
	}
	fmt.Print(l.conditions(subjects))
	if err := table(l, subjects, runs); err != nil {
		return err
	}
	if err := crowd(l, subjects); err != nil {
		return err
	}
	for _, what := range missing {
		fmt.Println("\nnot measured:", what)
	}
	return nil
}

// table measures the programs one at a time, and prints a line for each.
func table(l *lab, subjects []*subject, runs int) error {
	if err := rounds(subjects, runs); err != nil {
		return err
	}
	counter, _ := exec.LookPath("valgrind")
	fmt.Printf("\nmedians of %d rounds; each runs every program once, in one of %d copies, and the order rotates. \"over\" and\n"+
		"\"times\" are the medians of the differences and of the ratios within a round\n\n", runs, copyCount)
	fmt.Printf("%-46s %7s %7s %10s %7s %7s %8s %8s %8s\n", "", "ms", "lowest", "over empty", "times", "faults", "switches", "peak MB", "M instr.")
	for _, s := range subjects {
		peak, err := l.peak(s)
		if err != nil {
			return err
		}
		instructions := "-"
		if counter != "" && !s.slow {
			n, err := s.instructions()
			if err != nil {
				return err
			}
			instructions = fmt.Sprintf("%.2f", float64(n)/1e6)
		}
		fmt.Printf("%-46s %7.2f %7.2f %10.2f %7.2f %7d %8d %8.1f %8s\n", s.name, ms(median(s.took)), ms(slices.Min(s.took)),
			ms(median(differences(s.took, subjects[0].took))), median(ratios(s.took, l.cached.took)),
			median(s.faults), median(s.switches), float64(peak)/1e6, instructions)
	}
	fmt.Println("\ntimes: how many times a cached answer of git-credential-mfa, from the Secret Service")
	info, err := os.Stat(l.helper)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.2f MB\n", filepath.Base(l.helper), float64(info.Size())/1e6)
	return nil
}
