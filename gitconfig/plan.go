package gitconfig

import (
	"strings"
)

// Plan returns the sections of our block, in git's order of reading: hosts,
// then single repositories, which are to win over them. New sections for hosts
// take the place of all old ones; others are added. What stays of the old ones
// runs the program at its present path, with the options that it had.
func Plan(old, wanted []Section, path string) ([]Section, error) {
	hosts, repositories := split(wanted)
	oldHosts, oldRepositories := split(old)
	if len(hosts) == 0 {
		hosts = oldHosts
	}
	sections := append([]Section(nil), hosts...)
	for _, s := range append(oldRepositories, repositories...) {
		sections = merge(sections, s)
	}
	for i, s := range sections {
		if contains(wanted, s) {
			continue
		}
		helper, err := withProgram(s.Helper, path)
		if err != nil {
			return nil, err
		}
		sections[i].Helper = helper
	}
	return sections, nil
}

// Read returns the sections of our block in a file, none if there is no file.
func Read(file string) ([]Section, error) {
	text, _, err := read(file)
	return Sections(text), err
}

func split(sections []Section) (hosts, repositories []Section) {
	for _, s := range sections {
		_, rest, _ := strings.Cut(s.Label, "://")
		if strings.Contains(rest, "/") {
			repositories = append(repositories, s)
		} else {
			hosts = append(hosts, s)
		}
	}
	return hosts, repositories
}

func contains(sections []Section, s Section) bool {
	for _, other := range sections {
		if other == s {
			return true
		}
	}
	return false
}
