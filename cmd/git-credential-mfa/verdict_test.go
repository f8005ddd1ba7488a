package main

import (
	"cmp"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// setUp is one way in which people have git and AWS set up. doctor's verdict
// must be git's outcome, and it must name what is odd.
type setUp struct {
	name string
	// set changes a lab that works.
	set func(*lab)
	// fails is git's outcome.
	fails bool
	// code is the error where git fails, else at most a warning, with text in
	// what it says. Empty: nothing is to be said.
	code, text string
	options    []string // of doctor
}

// gitSettings has git read settings behind those that are there.
func gitSettings(text string) func(*lab) {
	return func(l *lab) { l.write(".gitconfig", l.read(".gitconfig")+text) }
}

// environment sets variables.
func environment(pairs ...string) func(*lab) {
	return func(l *lab) { l.env = append(l.env, pairs...) }
}

// both does one thing after the other.
func both(steps ...func(*lab)) func(*lab) {
	return func(l *lab) {
		for _, step := range steps {
			step(l)
		}
	}
}

// awsFiles writes AWS's files, with KEY and SECRET for alice's key.
func awsFiles(credentials, config string) func(*lab) {
	return func(l *lab) {
		keys := strings.NewReplacer("KEY", l.user.AccessKeyID, "SECRET", l.user.SecretAccessKey, "SERIAL", serial)
		l.write(".aws/credentials", keys.Replace(credentials))
		l.write(".aws/config", keys.Replace(config))
	}
}

const (
	keyLines = "aws_access_key_id = KEY\naws_secret_access_key = SECRET\n"
	settings = "region = us-east-1\nmfa_serial = SERIAL\n"
)

// profile is a helper line for a profile of another name.
func profile(options string) func(*lab) {
	return func(l *lab) {
		l.write(".gitconfig", strings.Replace(l.read(".gitconfig"), "= mfa\n", "= mfa "+options+"\n", 1))
	}
}

// unset takes variables away.
func unset(names ...string) func(*lab) {
	return func(l *lab) {
		var kept []string
		for _, pair := range l.env {
			name, _, _ := strings.Cut(pair, "=")
			lost := false
			for _, n := range names {
				lost = lost || n == name
			}
			if !lost {
				kept = append(kept, pair)
			}
		}
		l.env = kept
	}
}

// closed is an address where nobody listens.
func closed(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

var gitSetUps = []setUp{
	{"a netrc with default", func(l *lab) {
		l.write(".netrc", "machine github.com login a password b\ndefault login bob password pa55word\n")
	}, true, "CCM531", "netrc", nil},
	{"as configured", func(*lab) {}, false, "", "", nil},
	{"emptyAuth", gitSettings("[http]\n\temptyAuth = true\n"), true, "CCM532", ".gitconfig", nil},
	{"emptyAuth of the host", gitSettings("[http \"https://" + host + "\"]\n\temptyAuth = yes\n"), true, "CCM532", host, nil},
	{"emptyAuth of another host", gitSettings("[http \"https://github.com\"]\n\temptyAuth = true\n"), false, "", "", nil},
	{"emptyAuth auto", gitSettings("[http]\n\temptyAuth = auto\n"), false, "", "", nil},
	{"emptyAuth taken back", gitSettings("[http]\n\temptyAuth = true\n[http \"https://" + host + "\"]\n\temptyAuth = false\n"), false, "", "", nil},
	{"pushes by ssh", gitSettings("[url \"ssh://" + host + "/\"]\n\tpushInsteadOf = https://" + host + "/\n"), false, "CCM520", "pushInsteadOf", nil},
	{"a user by insteadOf", gitSettings("[url \"https://bob@" + host + "/\"]\n\tinsteadOf = https://" + host + "/\n"), true, "CCM522", "insteadOf", nil},
	{"another host by insteadOf", gitSettings("[url \"https://git-codecommit.eu-west-1.amazonaws.com/\"]\n\tinsteadOf = https://" + host + "/\n"), true, "", "insteadOf", nil},
	{"insteadOf for others", gitSettings("[url \"ssh://git@github.com/\"]\n\tinsteadOf = https://github.com/\n"), false, "", "", nil},
	{"another user", gitSettings("[credential]\n\tusername = bob\n"), true, "CCM506", "--unset-all", nil},
	{"no path", gitSettings("[credential \"https://" + host + "\"]\n\tuseHttpPath = false\n"), true, "CCM504", "useHttpPath", nil},
	{"a boolean that is none", gitSettings("[credential]\n\tuseHttpPath = perhaps\n"), true, "CCM503", ".gitconfig:", nil},
	{"emptied later", gitSettings("[credential]\n\thelper =\n"), true, "CCM101", "configure", nil},
	{"emptied by the environment", environment("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0="), true, "CCM101", "remove it from", nil},
	{"no global configuration", environment("GIT_CONFIG_GLOBAL=/dev/null"), true, "CCM101", "configure", nil},
	{"no program", func(l *lab) {
		l.write(".gitconfig", strings.Replace(l.read(".gitconfig"), "= mfa\n", "= /nowhere/git-credential-mfa\n", 1))
	}, true, "CCM513", "/nowhere", nil},
	{"a netrc", func(l *lab) { l.write(".netrc", "machine "+host+" login bob password pa55word\n") }, true, "CCM531", "netrc", nil},
	{"a netrc for others", func(l *lab) { l.write(".netrc", "machine github.com login a password b\n") }, false, "", "", nil},
	{"a header", gitSettings("[http \"https://" + host + "\"]\n\textraHeader = Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("bob:pa55word")) + "\n"), true, "CCM530", "extraHeader", nil},
	{"a header of no matter", gitSettings("[http]\n\textraHeader = X-Team: web\n"), false, "", "", nil},
	{"a header taken back", gitSettings("[http]\n\textraHeader = Authorization: Basic Ym9iOg==\n\textraHeader =\n"), false, "", "", nil},
	{"https is not allowed", environment("GIT_ALLOW_PROTOCOL=ssh"), true, "CCM831", "not allowed", nil},
	{"a client certificate that is not there", gitSettings("[http]\n\tsslCert = /nowhere/cert.pem\n"), true, "CCM831", "", nil},
	{"a backend of TLS that is not there", gitSettings("[http]\n\tsslBackend = nothing\n"), true, "CCM831", "backend", nil},
	{"an old helper before", both(func(l *lab) {
		username, password := l.sign(time.Now().Add(-26 * time.Hour))
		l.store(username, password)
	}), true, "CCM507", "26 hours ago", nil},
	{"a Git credential before", func(l *lab) {
		username, password := l.user.GitCredential()
		l.store(username, strings.NewReplacer("/", "%2f", "=", "%3d", "+", "%2b").Replace(password))
	}, true, "CCM509", "Git credential", nil},
	{"a helper before, filled by this very fetch", func(l *lab) { l.gitHelpers("store", "mfa") }, false, "CCM510", "for another 15 minutes", []string{"--fetch"}},
	{"a key's name in the URL", func(l *lab) {
		l.url = strings.Replace(l.url, "https://", "https://"+l.user.AccessKeyID+"@", 1)
	}, true, "CCM522", "", nil},
	{"the long-term key before", func(l *lab) {
		l.gitHelpers("!f() { test $1 = get && sh "+l.longTermHelper()+"; }; f", "mfa")
	}, true, "CCM831", "the signature of a long-term key", []string{"--fetch"}},
}

var waySetUps = []setUp{
	{"sslCAInfo in the home", func(l *lab) {
		text, err := os.ReadFile(l.world.CAFile())
		if err != nil {
			l.t.Fatal(err)
		}
		l.write("corp.pem", string(text))
		unset("GIT_SSL_CAINFO")(l)
		gitSettings("[http]\n\tsslCAInfo = ~/corp.pem\n")(l)
	}, false, "", "", nil},
	{"NO_PROXY wins over http.proxy", both(func(l *lab) { gitSettings("[http]\n\tproxy = " + l.world.ProxyURL() + "\n")(l) }, environment("NO_PROXY="+host, "HTTPS_PROXY=", "https_proxy=")), true, "CCM810", "without a proxy", nil},
	{"a small https_proxy wins", func(l *lab) { l.setenv("HTTPS_PROXY", "http://"+closed(l.t)) }, false, "", "", nil},
	{"only ALL_PROXY", both(unset("HTTPS_PROXY", "https_proxy"), func(l *lab) { l.setenv("ALL_PROXY", l.world.ProxyURL()) }), false, "", "", nil},
	{"NO_PROXY for others", environment("NO_PROXY=localhost,.example.com"), false, "", "", nil},
	{"an empty http.proxy of the host", both(unset("HTTPS_PROXY", "https_proxy"), func(l *lab) {
		gitSettings("[http]\n\tproxy = " + l.world.ProxyURL() + "\n[http \"https://" + host + "\"]\n\tproxy =\n")(l)
	}), true, "CCM810", "without a proxy", nil},
	{"a proxy that is not there", func(l *lab) { gitSettings("[http]\n\tproxy = http://" + closed(l.t) + "\n")(l) }, true, "CCM810", "proxy", nil},
	{"no name of a host", func(l *lab) {
		l.url = "https://git-codecommit-fips.zz-nowhere-1.amazonaws.com/v1/repos/demo"
		unset("HTTPS_PROXY", "https_proxy")(l)
	}, true, "CCM810", "no such", nil},
	{"no certificates of the company", unset("GIT_SSL_CAINFO"), true, "CCM811", "sslCAInfo", nil},
	{"certificates that are not there", environment("GIT_SSL_CAINFO=/nowhere/ca.pem"), true, "CCM810", "/nowhere/ca.pem", nil},
	{"no check of certificates", both(unset("GIT_SSL_CAINFO"), gitSettings("[http]\n\tsslVerify = false\n")), false, "CCM533", "sslVerify", nil},
	{"no check, by the environment", both(unset("GIT_SSL_CAINFO"), environment("GIT_SSL_NO_VERIFY=1")), false, "CCM533", "GIT_SSL_NO_VERIFY", nil},
	{"no certificates for the SDK", both(unset("AWS_CA_BUNDLE", "GIT_SSL_CAINFO"), gitSettings("[http]\n\tsslVerify = false\n")), false, "CCM533", "AWS", nil},
}

var awsSetUps = []setUp{
	{"a profile in quotes", both(awsFiles("[my team]\n"+keyLines, "[profile 'my team']\n"+settings), profile("--profile 'my team'")), false, "", "", nil},
	{"source_profile without a role", both(awsFiles("[base]\n"+keyLines+"[dev]\n"+keyLines, "[profile dev]\nsource_profile = base\n"+settings), profile("--profile dev")), true, "CCM601", "--profile base", nil},
	{"a BOM", awsFiles("\ufeff[default]\n"+keyLines, "[default]\n"+settings), true, "CCM603", "UTF-8", nil},
	{"an endpoint of AWS's that is not AWS", environment("AWS_ENDPOINT_URL=http://127.0.0.1:9"), false, "CCM607", "AWS_ENDPOINT_URL", nil},
	{"default twice", awsFiles("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n[default]\n"+keyLines, "[default]\n"+settings), false, "CCM602", "credentials:5 overrides it", nil},
	{"keys indented", awsFiles("[default]\n\taws_access_key_id = KEY\n\taws_secret_access_key = SECRET\n", "[default]\n"+settings), false, "", "", nil},
	{"no such profile", profile("--profile nobody"), true, "CCM601", "nobody", nil},
	{"no file of AWS's", func(l *lab) { os.RemoveAll(filepath.Join(l.home, ".aws")) }, true, "CCM603", "aws configure", nil},
	{"no session, and nobody to ask", func(l *lab) { os.RemoveAll(filepath.Join(l.home, configFolder, "git-credential-mfa")) }, true, "CCM740", "login", nil},
	{"no passphrase", environment("GIT_CREDENTIAL_MFA_PASSPHRASE="), true, "CCM701", "GIT_CREDENTIAL_MFA_PASSPHRASE", nil},
	{"keys of another user in the environment", func(l *lab) {
		bob := l.world.AddUser("bob")
		l.setenv("AWS_ACCESS_KEY_ID", bob.AccessKeyID)
		l.setenv("AWS_SECRET_ACCESS_KEY", bob.SecretAccessKey)
	}, true, "CCM620", "git-credential-mfa enroll", nil},
	{"no such repository", func(l *lab) { l.url = "https://" + host + "/v1/repos/nowhere" }, true, "CCM822", "no repository nowhere", nil},
	{"a repository of another region", func(l *lab) {
		if _, err := l.world.AddRepository("eu-west-1", "faraway"); err != nil {
			l.t.Fatal(err)
		}
		l.url = "https://" + host + "/v1/repos/faraway"
	}, true, "CCM824", "eu-west-1", nil},
}

// inClone makes a clone, and has git and doctor work in it, with its remote
// origin. Each step is the arguments of a git command that is run there.
func inClone(steps ...[]string) func(*lab) {
	return func(l *lab) {
		clone := filepath.Join(l.home, "demo")
		l.must([]string{"git", "-c", "credential.helper=mfa", "-c", "credential.useHttpPath=true", "clone", "-q", l.url, clone})
		for _, step := range steps {
			l.must(append([]string{"git", "-C", clone}, step...))
		}
		l.dir, l.url = clone, ""
	}
}

// remoteIs is a clone whose remote has another URL.
func remoteIs(url string) func(*lab) { return inClone([]string{"config", "remote.origin.url", url}) }

// included has git read settings from a file of another name, by a header of
// an include.
func included(header, text string) func(*lab) {
	return both(func(l *lab) { l.write("included", text) }, gitSettings("["+header+"]\n\tpath = ~/included\n"))
}

// noProxyVariables takes the lab's away.
var noProxyVariables = unset("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")

// withoutReset takes the empty helper out of this helper's section, so that other
// helpers stay in the list.
func withoutReset(l *lab) {
	l.write(".gitconfig", strings.Replace(l.read(".gitconfig"), "\thelper =\n", "", 1))
}

const resets = "[credential]\n\thelper =\n"

// reportedSetUps are made after public reports.
var reportedSetUps = []setUp{
	{"a macro in netrc", func(l *lab) {
		l.write(".netrc", "macdef init\nmachine "+host+" login bob password pa55word\n\nmachine github.com login a password b\n")
	}, false, "", "", nil},
	{"a macro before the host in netrc", func(l *lab) {
		l.write(".netrc", "macdef init\ncd x\n\nmachine "+host+"\n\tlogin bob\n\tpassword pa55word\n")
	}, true, "CCM531", ".netrc:4", nil},
	{"a host without anything in netrc, and default", func(l *lab) { l.write(".netrc", "machine "+host+"\ndefault login bob password pa55word\n") }, true, "CCM531", "every host", nil},
	{"a header of a repository", gitSettings("[http \"https://" + host + "/v1/repos/demo\"]\n\textraHeader = AUTHORIZATION: basic Ym9iOg==\n"), true, "CCM530", ".gitconfig:6", nil},
	{"a header of another repository", gitSettings("[http \"https://" + host + "/v1/repos/other\"]\n\textraHeader = AUTHORIZATION: basic Ym9iOg==\n"), false, "", "", nil},
	{"a header taken back too late", gitSettings("[http \"https://" + host + "\"]\n\textraHeader = Authorization: Bearer x\n[http]\n\textraHeader =\n"), true, "CCM530", "extraHeader", nil},
	{"a header by the environment", environment("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.https://"+host+"/.extraheader", "GIT_CONFIG_VALUE_0=Authorization: Bearer x"), true, "CCM530", "environment", nil},
	{"emptyAuth by -c", environment("GIT_CONFIG_PARAMETERS='http.emptyauth'='true'"), true, "CCM532", "environment", nil},
	{"emptyAuth without a value", gitSettings("[http]\n\temptyAuth\n"), true, "CCM532", ".gitconfig:6", nil},
	{"a short name by insteadOf", both(gitSettings("[url \"https://"+host+"/v1/repos/\"]\n\tinsteadOf = cc:\n"), remoteIs("cc:demo")), false, "", "", nil},
	{"http made https", both(gitSettings("[url \"https://\"]\n\tinsteadOf = http://\n"), remoteIs("http://"+host+"/v1/repos/demo")), false, "", "", nil},
	{"includeIf of the folder", both(inClone(), included(`includeIf "gitdir:~/demo/"`, resets)), true, "CCM101", "configure", nil},
	{"includeIf of another folder", both(inClone(), included(`includeIf "gitdir:~/other/"`, resets)), false, "", "", nil},
	{"includeIf of the folder in any case", both(inClone(), included(`includeIf "gitdir/i:~/DEMO/"`, resets)), true, "CCM101", "configure", nil},
	{"includeIf of a branch", both(inClone(), included(`includeIf "onbranch:**"`, "[http]\n\temptyAuth = true\n")), true, "CCM532", "included:2", nil},
	{"includeIf of a remote", both(inClone(), included(`includeIf "hasconfig:remote.*.url:https://git-codecommit.*/**"`, resets)), true, "CCM101", "configure", nil},
	{"an include that includes itself", included("include", "[include]\n\tpath = included\n"), true, "CCM501", "include depth", nil},
	{"emptied in a worktree's configuration", inClone([]string{"config", "extensions.worktreeConfig", "true"}, []string{"config", "--worktree", "credential.helper", ""}), true, "CCM101", "config.worktree --unset-all", nil},
	{"emptied by -c", environment("GIT_CONFIG_PARAMETERS='credential.helper'=''"), true, "CCM101", "remove it from", nil},
	{"emptied for another port", gitSettings("[credential \"https://" + host + ":8443\"]\n\thelper =\n"), false, "", "", nil},
	{"emptied for a part of a name", gitSettings("[credential \"https://git-*.us-east-1.amazonaws.com\"]\n\thelper =\n"), false, "", "", nil},
	{"emptied for the repository", gitSettings("[credential \"https://" + host + "/v1/repos/demo\"]\n\thelper =\n"), true, "CCM101", "configure", nil},
	{"emptied for the host without a scheme", gitSettings("[credential \"" + host + "\"]\n\thelper =\n"), true, "CCM101", "configure", nil},
	{"an empty username", gitSettings("[credential]\n\tusername =\n"), false, "", "", nil},
	{"a configuration that is broken", environment("GIT_CONFIG_COUNT=many"), true, "CCM501", "GIT_CONFIG_COUNT", nil},
	{"a shell helper that fails", both(withoutReset, func(l *lab) { l.write(".gitconfig", "[credential]\n\thelper = \"!exit 3\"\n"+l.read(".gitconfig")) }), false, "CCM510", "a shell command", []string{"--fetch"}},
	{"a helper that quits", both(withoutReset, func(l *lab) {
		l.write(".gitconfig", "[credential]\n\thelper = \"!f() { echo quit=1; }; f\"\n"+l.read(".gitconfig"))
	}), true, "CCM831", "told us to quit", []string{"--fetch"}},
	{"a setting of the helper's line", profile("--keyring nonsense"), true, "CCM601", "nonsense", nil},
	{"an empty http.proxy", gitSettings("[http]\n\tproxy =\n"), true, "CCM810", "is empty", nil},
	{"an empty https_proxy", both(noProxyVariables, func(l *lab) { environment("HTTPS_PROXY=", "ALL_PROXY="+l.world.ProxyURL())(l) }), true, "CCM810", "HTTPS_PROXY is empty", nil},
	{"a proxy without a scheme", both(noProxyVariables, func(l *lab) { l.setenv("HTTPS_PROXY", strings.TrimPrefix(l.world.ProxyURL(), "http://")) }), false, "", "", nil},
	{"socks", both(noProxyVariables, func(l *lab) { l.setenv("ALL_PROXY", "socks5h://"+closed(l.t)) }), true, "CCM810", "socks5h", nil},
	{"NO_PROXY of a domain above", environment("NO_PROXY=localhost,amazonaws.com"), true, "CCM810", "NO_PROXY excludes the host", nil},
	{"NO_PROXY with a star", environment("NO_PROXY=*.amazonaws.com"), false, "", "", nil},
	{"an empty no_proxy", environment("no_proxy=", "NO_PROXY="+host), false, "", "", nil},
	{"a proxy that can't be read", gitSettings("[http]\n\tproxy = http://a:pa55word#x@proxy:80\n"), true, "CCM810", "http.proxy", nil},
	{"the proxy of a remote", func(l *lab) { inClone([]string{"config", "remote.origin.proxy", "http://" + closed(l.t)})(l) }, true, "CCM810", "proxy", nil},
	{"an empty GIT_SSL_NO_VERIFY", both(unset("GIT_SSL_CAINFO"), environment("GIT_SSL_NO_VERIFY=")), false, "CCM533", "GIT_SSL_NO_VERIFY", nil},
	{"certificates that only Go reads", both(unset("GIT_SSL_CAINFO"), func(l *lab) { l.setenv("SSL_CERT_FILE", l.world.CAFile()) }), true, "CCM811", "", nil},
	{"a repository's .git", both(inClone(), func(l *lab) { l.dir = filepath.Join(l.dir, ".git") }), false, "", "", nil},
	{"a linked worktree", both(inClone([]string{"commit", "-q", "--allow-empty", "-m", "x"}, []string{"worktree", "add", "-q", "../other"}), func(l *lab) { l.dir = filepath.Join(l.home, "other") }), false, "", "", nil},
	{"GIT_DIR", both(inClone(), func(l *lab) { l.setenv("GIT_DIR", filepath.Join(l.dir, ".git")); l.dir = l.home }), false, "", "", nil},
	{"a folder of an odd name", both(inClone(), func(l *lab) {
		odd := filepath.Join(l.home, "it's \"my\" $clone")
		if err := os.Rename(l.dir, odd); err != nil {
			l.t.Fatal(err)
		}
		l.dir = odd
	}), false, "", "", nil},
	{"a username in the remote", remoteIs("https://alice@" + host + "/v1/repos/demo"), true, "CCM522", "git remote set-url", nil},
	{"an empty username in the remote", remoteIs("https://@" + host + "/v1/repos/demo"), true, "CCM522", "git remote set-url", nil},
	{"ssh in its short form", remoteIs("APKAEIBAERJR2EXAMPLE@" + host + ":v1/repos/demo"), true, "CCM520", "git remote set-url origin https://" + host, nil},
	{"no git-remote-codecommit", remoteIs("codecommit::us-east-1://demo"), true, "CCM521", "git remote set-url origin https://" + host, nil},
	{"https is not allowed by a setting", gitSettings("[protocol \"https\"]\n\tallow = never\n"), true, "CCM831", "not allowed", nil},
	{"no home folder", unset("HOME", "USERPROFILE"), true, "CCM501", "HOME is not set", nil},
}

// household is a lab in the same world, with a copy of the user's home.
func (l *lab) household(t *testing.T) *lab {
	t.Helper()
	there := *l
	there.t, there.dir = t, t.TempDir()
	there.home = filepath.Join(there.dir, "home")
	if err := os.CopyFS(there.home, os.DirFS(l.home)); err != nil {
		t.Fatal(err)
	}
	there.env = append(l.env[:len(l.env):len(l.env)], sandbox.HomeEnv(there.home)...)
	return &there
}

// TestVerdict has git and doctor look at the same set-ups. The first sentence is
// that of another run, which every fourth set-up has, or all of them where slow
// tests are asked for.
func TestVerdict(t *testing.T) {
	t.Parallel()
	notUnderWine(t, "it compares what git of Linux finds with what git.exe would: netrc, proxies, stores")
	base := newDoctorLab(t)
	base.login()
	for i, s := range slices.Concat(gitSetUps, waySetUps, awsSetUps, reportedSetUps) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			l := base.household(t)
			s.set(l)
			l.verdict(s)
			if slowTests || i%4 == 0 {
				l.firstSentence(s)
			}
		})
	}
}

// firstSentence is that git reaches the repository, where it does.
func (l *lab) firstSentence(s setUp) {
	l.t.Helper()
	if r := l.run("", "git-credential-mfa", append([]string{"doctor"}, l.about(s)...)...); s.fails == strings.Contains(firstLines(r.stdout), "git reaches the repository") {
		l.t.Errorf("the first sentence: %v", r)
	}
}

// about are the options of doctor, with the URL unless the current folder says it.
func (l *lab) about(s setUp) []string {
	if l.url == "" {
		return s.options
	}
	return append(s.options[:len(s.options):len(s.options)], l.url)
}

// verdict compares doctor with git.
func (l *lab) verdict(s setUp) {
	l.t.Helper()
	git := l.run("", "git", "ls-remote", cmp.Or(l.url, "origin"), "HEAD")
	if (git.status != 0) != s.fails {
		l.t.Fatalf("the set-up is not what it should be: %v", git)
	}
	d := l.doctor(l.about(s)...)
	if (d.status != 0) != s.fails {
		l.t.Errorf("git ends with %d, doctor with %d\n%v\n%v", git.status, d.status, git, d)
	}
	level := d.level(s.code)
	if s.code != "" && (level != "error" && s.fails || level != "warning" && !s.fails || !strings.Contains(d.says(s.code), s.text)) {
		l.t.Errorf("want %s to say %q: %v", s.code, s.text, d)
	}
	if s.code == "" && s.text != "" && !strings.Contains(d.stdout, s.text) {
		l.t.Errorf("want %q: %v", s.text, d)
	}
	if s.code == "" && !s.fails && d.found("warning") != "" {
		l.t.Errorf("want nothing: %v", d)
	}
	for _, secret := range []string{"pa55word", sandbox.Account + ":pa55"} {
		if strings.Contains(d.stdout+d.stderr, secret) {
			l.t.Errorf("%q is told: %v", secret, d)
		}
	}
}
