package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// subject is a program that is measured.
type subject struct {
	name  string
	args  []string
	env   []string
	stdin string
	// right reports whether the output is the expected answer. If it is nil, there
	// must be no output.
	right func(stdout []byte) bool
	// slow is true for programs that take minutes under valgrind.
	slow bool
	// crowd is true for programs that are also measured many at once.
	crowd bool
	// copies are copies of args[0]. Two of them can differ by 0.6 ms, depending on
	// where their pages are, so they take turns.
	copies []string
	took   []time.Duration
	// faults and switches are page faults and thread switches.
	faults, switches []int64
}

// copyCount is how many copies of each program take turns.
const copyCount = 4

// copied makes the copies of a program.
func (l *lab) copied(s *subject) error {
	text, err := os.ReadFile(s.args[0])
	if err != nil {
		return err
	}
	for range copyCount {
		l.copies++
		name := filepath.Join(l.dir, fmt.Sprintf("copy-%d", l.copies))
		if err := os.WriteFile(name, text, 0o755); err != nil {
			return err
		}
		s.copies = append(s.copies, name)
	}
	return nil
}

// run runs the program once. It returns an error if the answer is not right.
func (s *subject) run() (time.Duration, error) {
	took, _, err := s.runAs(s.args[0])
	return took, err
}

func (s *subject) runAs(program string) (time.Duration, *syscall.Rusage, error) {
	cmd := exec.Command(program, s.args[1:]...)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(s.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	var used *syscall.Rusage
	if cmd.ProcessState != nil { // it was started
		used, _ = cmd.ProcessState.SysUsage().(*syscall.Rusage)
	}
	return took, used, s.judge(err, stdout.Bytes(), stderr.Bytes())
}

func (s *subject) judge(err error, stdout, stderr []byte) error {
	if err == nil && s.right == nil && len(stdout) > 0 || err == nil && s.right != nil && !s.right(stdout) {
		err = fmt.Errorf("not the answer that was expected (%d bytes)", len(stdout))
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", s.name, err, stderr)
	}
	return nil
}

// rounds runs every program once in each round, so that other work on the machine
// affects all of them alike.
func rounds(subjects []*subject, runs int) error {
	const warmup = 3
	for round := range warmup + runs {
		for i := range subjects {
			s := subjects[(round+i)%len(subjects)]
			program := s.args[0]
			if len(s.copies) > 0 {
				program = s.copies[round%len(s.copies)]
			}
			took, used, err := s.runAs(program)
			if err != nil {
				return err
			}
			if round >= warmup {
				s.took = append(s.took, took)
				s.faults, s.switches = append(s.faults, used.Minflt+used.Majflt), append(s.switches, used.Nvcsw+used.Nivcsw)
			}
		}
	}
	return nil
}

// peak returns the program's peak memory, in bytes.
func (l *lab) peak(s *subject) (int64, error) {
	var seen []int64
	for range 5 {
		cmd := exec.Command(filepath.Join(l.dir, "peak"), s.args...)
		cmd.Env, cmd.Stdin = s.env, strings.NewReader(s.stdin)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", s.name, err, stderr.Bytes())
		}
		lines := strings.Fields(stderr.String())
		n, err := strconv.ParseInt(lines[len(lines)-1], 10, 64)
		if err != nil {
			return 0, err
		}
		seen = append(seen, n)
	}
	return median(seen), nil
}

var collected = regexp.MustCompile(`Collected : ([0-9]+)`)

// countedRuns is how many runs are counted.
const countedRuns = 10

// instructions counts the instructions of the program in user space. It returns
// the lowest count of several runs, because idle threads sometimes spin.
func (s *subject) instructions() (int64, error) {
	var seen []int64
	for range countedRuns {
		cmd := exec.Command("valgrind", append([]string{"--tool=callgrind", "--callgrind-out-file=/dev/null"}, s.args...)...)
		// callgrind 3.19 crashes on the signals that Go uses to switch goroutines.
		cmd.Env, cmd.Stdin = append([]string{"GODEBUG=asyncpreemptoff=1"}, s.env...), strings.NewReader(s.stdin)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := s.judge(cmd.Run(), stdout.Bytes(), stderr.Bytes()); err != nil {
			return 0, err
		}
		found := collected.FindSubmatch(stderr.Bytes())
		if found == nil {
			return 0, fmt.Errorf("counting the instructions of %s: no count\n%s", s.name, stderr.Bytes())
		}
		n, err := strconv.ParseInt(string(found[1]), 10, 64)
		if err != nil {
			return 0, err
		}
		seen = append(seen, n)
	}
	return slices.Min(seen), nil
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func differences(a, b []time.Duration) []time.Duration {
	d := make([]time.Duration, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

func ratios(a, b []time.Duration) []float64 {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = float64(a[i]) / float64(b[i])
	}
	return r
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
