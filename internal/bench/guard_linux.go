package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

const (
	// committed is the file with the numbers that guard compares with.
	committed = "internal/bench/instructions.txt"
	// leeway is how much a number may differ from the committed one, in percent.
	// Ten runs on a busy machine differed by at most 1.5 % from their median.
	leeway = 5
)

// guard counts the instructions of an answer to git, and compares them with the
// committed numbers. Unlike times, they hardly depend on the machine.
//
// The keyring is the Secret Service, which most people have. The file keyring's
// Argon2id takes twenty times as many instructions as everything else, and many
// containers deny the kernel's keyring. The keyring's own process is not counted.
func guard(l *lab, update bool) error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		return fmt.Errorf("counting instructions: %w (apt-get install valgrind)", err)
	}
	now := map[string]int64{}
	for name, s := range map[string]*subject{"cached": l.cached, "foreign": l.foreign(), "store": l.store()} {
		n, err := s.instructions()
		if err != nil {
			return err
		}
		now[name] = n
	}
	if err := l.guardStored(now["cached"]); err != nil {
		return err
	}
	if update {
		text := fmt.Sprintf("%s/%s\ncached %d\nforeign %d\nstore %d\n", runtime.Version(), runtime.GOARCH, now["cached"], now["foreign"], now["store"])
		fmt.Print(text)
		return os.WriteFile(committed, []byte(text), 0o644)
	}
	text, err := os.ReadFile(committed)
	if err != nil {
		return err
	}
	return compare(string(text), now)
}

// storedLeeway is how many more instructions an answer may take if the access key
// is in the keyring, in percent. It then also reads one item only, the session.
// The counts of one program differ by 2 %.
const storedLeeway = 4

// guardStored counts a cached answer for a profile with its access key in the
// keyring, and compares it with that for a key in a file.
func (l *lab) guardStored(cached int64) error {
	s, err := l.stored()
	if err != nil {
		return err
	}
	n, err := s.instructions()
	if err != nil {
		return err
	}
	change := 100 * (float64(n)/float64(cached) - 1)
	fmt.Printf("get, stored:  %.3f M instructions, %+.1f %% of those with the key in the file\n", float64(n)/1e6, change)
	if change > storedLeeway {
		return fmt.Errorf("with the key in the keyring, an answer takes %.1f %% more instructions; the limit is %d %%", change, storedLeeway)
	}
	return nil
}

// compare prints each number with the committed one, and returns an error if they
// differ by more than leeway.
func compare(text string, now map[string]int64) error {
	compiler, numbers, _ := strings.Cut(text, "\n")
	var far []string
	for line := range strings.Lines(numbers) {
		var name string
		var was int64
		if _, err := fmt.Sscan(line, &name, &was); err != nil || now[name] == 0 {
			return fmt.Errorf("reading %s: not a name and a number: %q", committed, line)
		}
		change := 100 * (float64(now[name])/float64(was) - 1)
		fmt.Printf("get, %-8s %.3f M instructions, %+.1f %% of the committed %.3f M\n", name+":", float64(now[name])/1e6, change, float64(was)/1e6)
		if difference := max(now[name]-was, was-now[name]); 100*difference > leeway*was {
			far = append(far, fmt.Sprintf("%s by %+.1f %%", name, change))
		}
	}
	if far == nil {
		return nil
	}
	why := ""
	if here := runtime.Version() + "/" + runtime.GOARCH; here != compiler {
		why = fmt.Sprintf("\nThis is %s, and the committed numbers are of %s. That may be the cause.", here, compiler)
	}
	return fmt.Errorf("the instructions of an answer to git have changed: %s, more than %d %%.%s\n"+
		"If there are more: every import is initialised for every answer; docs/startup.md shows how to find it.\n"+
		"If there are fewer, or the change is intended: .ci/instructions -update, and say in the commit why", strings.Join(far, ", "), leeway, why)
}
