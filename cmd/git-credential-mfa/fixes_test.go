//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
)

// fix is how the fix of a code is tried: in a set-up that doctor finds it in, what
// doctor says is typed. Where that can't be, why says so.
type fix struct {
	set func(*lab)
	why string
	// clone has doctor look at a clone, whose remote has the URL that set gave.
	clone bool
}

// remote has the clone fetch from another URL.
func remote(url string) fix {
	return fix{clone: true, set: func(l *lab) {
		if r := l.run("", "git", "-C", l.dir, "config", "remote.origin.url", strings.ReplaceAll(url, "HOST", host)); r.status != 0 {
			l.t.Fatal(r)
		}
	}}
}

const (
	byHand         = "a person decides what is meant"
	administrators = "a policy is an administrator's to change; doctor/policies applies its patches"
	awsCLI         = "the AWS CLI is not where tests run"
	network        = "a network is not fixed by a test"
)

var fixes = map[string]fix{
	"CCM501": {why: "git is installed by the system"},
	"CCM502": {set: gitSettings("[credential]\n\thelper =\n")},
	"CCM503": {set: gitSettings("[credential]\n\tuseHttpPath = perhaps\n")},
	"CCM504": {set: gitSettings("[credential \"https://" + host + "\"]\n\tuseHttpPath = false\n")},
	"CCM505": {set: func(l *lab) { l.gitHelpers("mfa", "cache") }},
	"CCM506": {set: gitSettings("[credential]\n\tusername = bob\n")},
	"CCM507": {set: func(l *lab) { l.store(l.sign(time.Now().Add(-26 * time.Hour))) }},
	"CCM508": {set: func(l *lab) { l.store(l.sign(time.Now().Add(40 * time.Minute))) }},
	"CCM509": {set: func(l *lab) {
		username, password := l.user.GitCredential()
		l.store(username, strings.NewReplacer("/", "%2f", "=", "%3d", "+", "%2b").Replace(password))
	}},
	"CCM510": {set: func(l *lab) { l.gitHelpers("!aws codecommit credential-helper $@", "mfa") }},
	"CCM511": {why: byHand},
	"CCM512": {why: "a second git with a configuration of its own is not on every machine"},
	"CCM513": {set: func(l *lab) {
		l.write(".gitconfig", strings.Replace(l.read(".gitconfig"), "= mfa\n", "= /nowhere/git-credential-mfa\n", 1))
	}},
	"CCM514": {why: byHand},
	"CCM515": {clone: true, set: func(l *lab) {
		if os.Getuid() != 0 {
			l.t.Skip("only root can give a repository away")
		}
		l.must([]string{"chown", "-R", "65534", l.dir})
	}},
	"CCM520": remote("ssh://HOST/v1/repos/demo"),
	"CCM521": remote("codecommit::us-east-1://demo"),
	"CCM522": remote("https://alice-at-123456789012:pa55word@HOST/v1/repos/demo"),
	"CCM523": remote("http://HOST/v1/repos/demo"),
	"CCM524": remote("https://HOST/v1/repos/demo.git"),
	"CCM525": remote("https://HOST/v1/repos/demo/"),
	"CCM526": remote("https://git-codecommit.us_east-1.amazonaws.com/v1/repos/demo"),
	"CCM527": {set: gitSettings("[url \"https://github.com/\"]\n\tinsteadOf = https://" + host + "/\n")},
	"CCM530": {why: byHand},
	"CCM531": {why: "a file of passwords is a person's to edit"},
	"CCM532": {set: gitSettings("[http]\n\temptyAuth = true\n")},
	"CCM533": {why: "only the company has its certificates"},
	"CCM601": {why: awsCLI},
	"CCM602": {set: func(l *lab) {
		l.setenv("AWS_ACCESS_KEY_ID", l.user.AccessKeyID)
		l.setenv("AWS_SECRET_ACCESS_KEY", l.user.SecretAccessKey)
	}},
	"CCM603": {why: awsCLI},
	"CCM604": {why: awsCLI},
	"CCM605": {why: "only a person knows the profile of that partition"},
	"CCM606": {why: byHand},
	"CCM607": {set: environment("AWS_ENDPOINT_URL=http://127.0.0.1:9")},
	"CCM608": {set: environment("AWS_REGION=us-east-1a")},
	"CCM609": {why: "it asks before it changes a file: the tests of keys answer"},
	"CCM610": {why: "it asks before it changes a file: the tests of keys answer"},
	"CCM620": {why: "it asks for two codes: TestEnroll types them"},
	"CCM621": {why: "it asks for two codes: TestEnroll types them"},
	"CCM622": {why: awsCLI},
	"CCM701": {why: "only a person knows the passphrase"},
	"CCM702": {why: "the folder may be another user's"},
	"CCM703": {why: "it takes a desktop, and a job without one"},
	"CCM720": {set: forget},
	"CCM721": {why: "AWS ends a session before its time only by a policy"},
	"CCM740": {set: forget},
	"CCM801": {why: "a test sets no machine's clock"},
	"CCM810": {why: network}, "CCM811": {why: network}, "CCM812": {why: network}, "CCM813": {why: network}, "CCM814": {why: network},
	"CCM820": {set: gitSettings("[credential]\n\thelper =\n")},
	"CCM821": {set: gitSettings("[credential]\n\thelper =\n")},
	"CCM822": {why: "what is left is for AWS, or for who owns the account, to say"},
	"CCM823": {why: administrators},
	"CCM824": {clone: true, set: func(l *lab) {
		if _, err := l.world.AddRepository("eu-west-1", "moved"); err != nil {
			l.t.Fatal(err)
		}
		remote("https://HOST/v1/repos/moved").set(l)
	}},
	"CCM830": {why: "it is no trouble"},
	"CCM831": {why: "git's own words, whatever they are about"},
	"CCM401": {why: "only a person has the right files"},
	"CCM101": {set: gitSettings("[credential]\n\thelper =\n")},
	"CCM102": {set: gitSettings("[credential]\n\thelper =\n")},
	"CCM103": {why: administrators}, "CCM104": {why: administrators}, "CCM201": {why: administrators}, "CCM202": {why: administrators},
	"CCM203": {why: administrators}, "CCM204": {why: administrators}, "CCM205": {why: administrators},
	"CCM301": {why: awsCLI}, "CCM302": {why: awsCLI}, "CCM304": {why: byHand}, "CCM402": {why: administrators},
}

// forget takes the session away.
func forget(l *lab) {
	if r := l.run("", "git-credential-mfa", "logout", "--all"); r.status != 0 {
		l.t.Fatal(r)
	}
}

// TestFixes tries the fix of every code, in a set-up that has the trouble, and
// finds the trouble gone. The table is complete.
func TestFixes(t *testing.T) {
	t.Parallel()
	base := newDoctorLab(t)
	base.login()
	base.clone("demo")
	for _, check := range doctor.Checks {
		f, ok := fixes[check.Code]
		switch {
		case !ok || f.set == nil && f.why == "":
			t.Errorf("%s: its fix is neither tried, nor is there a reason why not", check.Code)
		case f.set != nil:
			t.Run(check.Code, func(t *testing.T) {
				t.Parallel()
				l := base.household(t)
				if f.clone {
					l.dir = filepath.Join(l.home, "demo")
					l.url = ""
				}
				f.set(l)
				l.fix(check.Code)
			})
		}
	}
	if len(fixes) > len(doctor.Checks) {
		t.Errorf("%d fixes of %d checks", len(fixes), len(doctor.Checks))
	}
}

// fix types the fix that doctor names, in one shell with doctor after it.
func (l *lab) fix(code string) {
	l.t.Helper()
	before := l.doctorOf()
	if level := before.level(code); level == "ok" || level == "skipped" {
		l.t.Fatalf("the set-up has no %s: %v", code, before)
	}
	command := before.fix(code)
	if command == "" { // told as a symptom of the cause, which has the fix
		command = before.fix(before.found("error"))
	}
	command, _, _ = strings.Cut(command, ", or ")
	for _, when := range []string{"in a terminal: ", "to call AWS itself: "} {
		command = strings.TrimPrefix(command, when)
	}
	if r := l.typed(command); r.status != 0 {
		l.t.Fatalf("%s: %v", command, r)
	}
	// What is typed in a shell holds for what that shell runs afterwards.
	if strings.HasPrefix(command, "unset ") {
		unset(strings.Fields(command)[1:]...)(l)
	}
	if pair, ok := strings.CutPrefix(command, "export "); ok {
		environment(pair)(l)
	}
	after := l.doctorOf()
	if level := after.level(code); level == "error" || level == "warning" || after.status != 0 {
		l.t.Errorf("%s did not fix %s: %v", command, code, after)
	}
}

// onePhone is held from showing a code to its use: all households have the same
// phone, and what one of them uses is spent for the others.
var onePhone sync.Mutex

// typed runs a command in a shell, with a phone at hand.
func (l *lab) typed(command string) result {
	l.t.Helper()
	onePhone.Lock()
	defer onePhone.Unlock()
	l.device.Refresh()
	l.askpass()
	l.phone()
	return l.run("", "sh", "-c", command)
}

// doctorOf looks at the repository, or where it is in a clone.
func (l *lab) doctorOf() diagnosis {
	if l.url == "" {
		return l.doctor()
	}
	return l.doctor(l.url)
}
