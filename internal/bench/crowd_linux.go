package main

import (
	"fmt"
	"sync"
	"time"
)

// crowd starts many processes of a program at once, as git does for submodules,
// and prints how long it takes until the last one has ended. It returns the last
// error of a cached answer.
func crowd(l *lab, subjects []*subject) error {
	const turns = 5
	fmt.Printf("\nmany at once, until the last one has ended; medians of %d turns, ms\n\n%-46s", turns, "")
	sizes := []int{50, 100, 200}
	for _, n := range sizes {
		fmt.Printf(" %9d", n)
	}
	fmt.Println("    failed")
	took := map[*subject][][]time.Duration{}
	failed := map[*subject]int{}
	last := map[*subject]error{}
	var those []*subject
	for _, s := range subjects {
		if s.crowd {
			those = append(those, s)
			took[s] = make([][]time.Duration, len(sizes))
		}
	}
	for range turns {
		for i, n := range sizes {
			for _, s := range those {
				t, errs := together(s, n)
				took[s][i] = append(took[s][i], t)
				if failed[s] += len(errs); len(errs) > 0 {
					last[s] = errs[0]
				}
			}
		}
	}
	for _, s := range those {
		fmt.Printf("%-46s", s.name)
		for i := range sizes {
			fmt.Printf(" %9.1f", ms(median(took[s][i])))
		}
		fmt.Printf(" %9d\n", failed[s])
	}
	return last[l.cached]
}

// together runs n processes of a program at once, and returns how long they took
// and the errors.
func together(s *subject, n int) (time.Duration, []error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	begin := make(chan struct{})
	for range n {
		all.Go(func() {
			<-begin
			if _, err := s.run(); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	start := time.Now()
	close(begin)
	all.Wait()
	return time.Since(start), errs
}
