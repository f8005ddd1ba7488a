package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const codeHint = "wait for a new code, which you have not used anywhere, the console included; if none is accepted, resynchronise the device: IAM console, Users, Security credentials, MFA, Resync"

// badPath is an error of a URL's path, with the host for its hint.
type badPath struct {
	error
	host codecommit.Host
}

func (e badPath) Unwrap() error { return e.error }

// hints returns what fixes an error: commands, where there are any.
func (p *program) hints(err error) []string {
	ofFiles := fileHints(err)
	hints := ofFiles
	for _, h := range p.table() {
		if errors.Is(err, h.cause) {
			hints = append(hints, h.text)
		}
		if h.cause == cache.ErrUnavailable && len(hints) > len(ofFiles) {
			return hints // the keyring fails, so the login of the hints below would fail too
		}
	}
	for _, command := range keptCommands(err) {
		hints = append(hints, "to delete it (macOS asks whether you allow it): "+command)
	}
	var problem awsfile.Problem
	if errors.As(err, &problem) {
		hints = append(problemHints(problem), hints...)
	}
	if hint := p.endpointHint(err); hint != "" {
		hints = append([]string{hint}, hints...)
	}
	if errors.Is(err, awsclient.ErrSettings) && len(hints) == 0 {
		hints = append(hints, "fix the line; to see where each value is set: "+p.command("doctor --offline --verbose"))
	}
	if errors.Is(err, session.ErrTLS) && p.gitChecksNothing() {
		hints = append(hints, "git does not check certificates (http.sslVerify), but calls to AWS always do")
	}
	if errors.Is(err, session.ErrNoCredentials) {
		hints = append(hints, p.keyHints()...)
	}
	var own hinted
	if errors.As(err, &own) {
		hints = append(hints, own.hints(p)...)
	}
	var unknown unknownCommand
	if errors.As(err, new(errUsage)) && !(errors.As(err, &unknown) && unknown.meant != "") {
		hints = append(hints, p.helpCommand())
	}
	return hints
}

// hinted is an error with hints of its own.
type hinted interface {
	error
	hints(p *program) []string
}

// keptCommands returns the commands that delete the items left in the keychain.
func keptCommands(err error) []string {
	switch e := err.(type) {
	case cache.KeptError:
		return []string{e.Command}
	case interface{ Unwrap() error }:
		return keptCommands(e.Unwrap())
	case interface{ Unwrap() []error }:
		var commands []string
		for _, one := range e.Unwrap() {
			commands = append(commands, keptCommands(one)...)
		}
		return commands
	}
	return nil
}

// endpointHint names the setting that sent a call to another address than
// AWS's, if the answer may not be AWS's for that reason.
func (p *program) endpointHint(err error) string {
	at := p.settings.source.Endpoint("sts")
	for _, cause := range []error{session.ErrListDenied, session.ErrNoDevice, session.ErrFIDO} {
		if errors.Is(err, cause) {
			at = p.settings.source.Endpoint("iam")
		}
	}
	if at.Text == "" || !session.IsAnswer(err) {
		return ""
	}
	return fmt.Sprintf("calls go to %s instead of AWS, because of %s; %s", printable.Line(at.Text), at, awssource.AskAWS(at))
}

// temporaryHint is for a login with temporary credentials, which need none.
// Those of mfa-login expire, and are renewed from another profile.
func (p *program) temporaryHint() string {
	if p.settings.source.MFALogin() {
		return p.settings.source.RenewHint()
	}
	return "nothing to log in to: git's passwords are signed with these credentials as they are"
}

// caBundleHint says how to name another file of certificates where this one is
// named.
func (p *program) caBundleHint() string {
	at := p.settings.source.CABundle
	if at.Line == 0 {
		return "name a file of PEM certificates, or none: " + shell.Here.Unset("AWS_CA_BUNDLE")
	}
	return fmt.Sprintf("name a file of PEM certificates by its whole path: aws configure set ca_bundle FILE --profile %s; or remove the line: %s", word(p.profileName()), at)
}

// gitChecksNothing reports whether git is set up to check no certificates.
func (p *program) gitChecksNothing() bool {
	url := "https://" + codecommit.HostName(cmp.Or(p.settings.source.Region.Text, "us-east-1"))
	settings := gitconfig.URLValues(context.Background(), "http", url, true)
	_, off := os.LookupEnv("GIT_SSL_NO_VERIFY") // git ignores its value (http.c)
	return off || gitconfig.IsFalse(settings["http.sslverify"])
}

// expiredHint says how to renew temporary credentials.
func (p *program) expiredHint() string {
	hint := p.settings.source.RenewHint()
	if !p.settings.source.MFALogin() {
		hint += "; to start a session with MFA: " + p.commandWith("", "login --refresh")
	}
	return hint
}

// problemHints are for mistakes in the AWS files. Missing values have hints of
// their own.
func problemHints(problem awsfile.Problem) []string {
	if problem.Missing() {
		return nil
	}
	return []string{problem.Hint()}
}

// fileHints are for files and folders that can't be read or written.
func fileHints(err error) (hints []string) {
	hints = cache.FolderHints(err)
	var file *fs.PathError
	var closed awsfile.NotWritable
	if errors.As(err, &closed) {
		hints = append(hints, awsFileHint(closed))
	}
	var problem awsfile.Problem // has a hint of its own
	if errors.Is(err, regularfile.ErrNotRegular) && errors.As(err, &file) && !errors.As(err, &problem) {
		hints = append(hints, "replace it with a file, or delete it; to see what it is: "+shell.Here.Show(word(file.Path)))
	}
	if errors.Is(err, regularfile.ErrTimeout) {
		place := shell.Here.HomeFile(".aws")
		if errors.As(err, &file) {
			place = word(file.Path)
		}
		hints = append(hints, "to see whether the drive responds: "+shell.Here.Show(place))
	}
	return hints
}

// awsFileHint says how to make an AWS file writable.
func awsFileHint(e awsfile.NotWritable) string {
	target, err := atomicfile.FollowLinks(e.File)
	if err != nil {
		target = e.File
	}
	folder := filepath.Dir(target)
	switch {
	case atomicfile.IsReadOnly(e):
		return "no program can write there; if a tool creates your dotfiles (Nix, a container image), have it leave this file to you: " + word(e.File)
	case shell.Here == shell.Windows:
		return "to see who may write there: icacls " + word(folder)
	case fileExists(target):
		return `to make it yours again: sudo chown "$(id -u)" ` + word(folder) + " " + word(target) + " && chmod u+rwX " + word(folder) + " " + word(target)
	}
	return `to make it yours again: sudo chown "$(id -u)" ` + word(folder) + " && chmod u+rwX " + word(folder)
}

// table pairs causes with what fixes them. A cause that wraps another gives
// both hints, and a cause with two rows two.
func (p *program) table() []struct {
	cause error
	text  string
} {
	profile := word(p.baseName())
	credentials := shell.Here.HomeFile(".aws/credentials")
	return []struct {
		cause error
		text  string
	}{
		{cache.ErrLocked, unlockHint()},
		{cache.ErrDenied, "to replace it with a new session: " + p.command("login")},
		{cache.ErrTimeout, "restart the keyring's program, which hangs, or use another keyring for now: " + keyringHint()},
		{cache.ErrNoPassphrase, passphraseHint()},
		{cache.ErrNoHome, homeHint()},
		{cache.ErrUnavailable, "choose another keyring: " + keyringHint()},
		{session.ErrNotKept, "choose another keyring: " + keyringHint()},
		{cache.ErrPassphrase, "set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase that the file keyring was created with, or start over: " + name + " logout --all"},
		{gitconfig.ErrNotWritable, "to write your own file: " + name + " configure --global"},
		{gitconfig.ErrNotWritable, "to write the machine's file: " + shell.Here.Administrator(name+" configure --system")},
		{gitconfig.ErrNotWritable, "if a tool creates your dotfiles, give it the block: " + name + " configure --dry-run"},
		{atomicfile.ErrHeld, "close the program that has it open (an editor, a virus scanner), then try again"},
		{gitconfig.ErrLocked, "if no git is running, delete the .lock file"},
		{gitconfig.ErrNoFolder, "create the folder first: " + shell.Here.MakeFolder("FOLDER")},
		{gitconfig.ErrNoGit, shell.Here.InstallGit()},
		{gitconfig.ErrSyntax, "to find the line to fix: git config --list --show-origin"},
		{errNoFolder, "cd to a folder that exists: the current one was removed"},
		{gitconfig.ErrNoRepository, "cd into the repository, or leave out --local"},
		{gitconfig.ErrNoFile, "name the file: --file FILE"},
		{errStdin, "git runs this operation itself; to start a session by hand: " + p.command("login")},
		{errNoKeyring, "choose a keyring: " + keyringHint()},
		{session.ErrNotAsked, p.notAskedHint()},
		{prompt.ErrCancelled, "to be asked again: " + p.command(p.askingCommand())},
		{prompt.ErrTimeout, "to be asked again: " + p.command(p.askingCommand())},
		{prompt.ErrProcess, "to be asked in a terminal instead: " + p.commandWith("--prompt tty", "login")},
		{prompt.ErrNotACode, "to be asked in a terminal instead: " + p.commandWith("--prompt tty", "login")},
		{session.ErrRefused, "to be asked again: " + p.command("login")},
		{session.ErrBusy, "answer the question in the other window, or press Ctrl-C there"},
		{awssource.ErrBadRegion, p.settings.source.RegionHint()},
		{awssource.ErrNoProfile, p.profilesHint("choose one of your profiles (%s): --profile NAME")},
		{awssource.ErrNoProfile, p.storeKeyHint("or create it")},
		{errRecursion, "name a profile with an access key of its own: credential_process = " + name + " --profile THAT-ONE credential-process"},
		{session.ErrRole, "to try again: " + p.command("login")},
		{session.ErrNoCode, "if the role's trust policy asks for MFA, set your device in the role's profile: aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile " + word(p.profileName())},
		{session.ErrRoleDenied, "the role's trust policy must name your user or account, its conditions (sts:ExternalId: external_id in the profile; aws:MultiFactorAuthPresent) must hold, and your own policies must allow sts:AssumeRole: aws iam get-role --role-name NAME"},
		{session.ErrPartition, "choose a profile of the host's partition: --profile NAME"},
		{awsclient.ErrDomain, "check the region in the repository's URL, or set one that has CodeCommit: aws configure set region us-east-1 --profile " + word(p.profileName())},
		{awsclient.ErrRoleSource, "move the credentials to a profile of their own, and name it in the role's: aws configure set source_profile NAME --profile " + word(p.profileName())},
		{session.ErrNoLogin, "aws login --profile " + profile},
		{session.ErrExpired, p.expiredHint()},
		{awssource.ErrStrayToken, "remove it: " + shell.Here.Unset("AWS_SESSION_TOKEN")},
		{awssource.ErrStrayToken, "or remove aws_session_token from " + credentials},
		{awssource.ErrNoToken, "set AWS_SESSION_TOKEN, or aws_session_token in " + credentials + ", to the token that came with the key"},
		{session.ErrSourceProcess, "run it by hand to see why: aws configure get credential_process --profile " + profile},
		{session.ErrCode, codeHint},
		{session.ErrUsedCode, codeHint},
		{awssource.ErrPlainHTTP, "use https there, or remove the setting"},
		{awsclient.ErrProxySetting, "write it as http://HOST:PORT, or http://NAME:PASSWORD@HOST:PORT with %XX for each character of NAME and PASSWORD that is not a letter or digit"},
		{awsclient.ErrCABundle, p.caBundleHint()},
		{session.ErrTLS, "if your company's proxy inspects TLS, set AWS_CA_BUNDLE to the file of its CA, or: git config --global http.sslCAInfo FILE"},
		{session.ErrSerial, "to list your devices: aws iam list-mfa-devices --profile " + profile},
		{session.ErrSerial, "to set the right one: aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile " + profile},
		{session.ErrKey, "create or activate an access key in the IAM console, then: aws configure --profile " + profile},
		{session.ErrSecret, "enter the key pair again: aws configure --profile " + profile},
		{session.ErrTemporary, p.temporaryHint()},
		{session.ErrListDenied, "set the device, whose ARN the IAM console shows: aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile " + profile},
		{session.ErrNoDevice, "register an authenticator app: " + p.command("enroll")},
		{session.ErrFIDO, "register an authenticator app beside the key: " + p.command("enroll")},
		{session.ErrFIDO, "or sign in with the key: aws login, or aws sso login"},
		{cache.ErrForgets, "choose a keyring that keeps access keys: " + keepingHint()},
		{errNeedsYes, "to do it without asking: " + p.command(p.askingCommand()) + " --yes"},
		{errKeysBusy, "wait until that one has finished, then: " + p.command(p.askingCommand())},
		{errRoleKey, "name the profile that the access key is in: --profile NAME"},
		{errNotStored, "to see where each key is: " + name + " keys list"},
		{errKeyInFile, "to move that key into the keyring: " + p.command("keys import")},
		{errTwoKeys, "remove the one that is not needed from its file"},
		{errOtherSource, "keep the access key in a profile of its own: --profile NAME"},
		{errNoSuchWords, "rename the program's file to git-credential-mfa; a profile's name must be one line"},
		{errUnfinished, "to finish it: " + p.command("keys rotate")},
		{errNotTaken, "to continue, in a few minutes: " + p.command("keys rotate")},
		{session.ErrKeyDenied, "allow this program to read the item \"git-credential-mfa access key for profile " + p.baseName() + "\" (Keychain Access, Access Control)"},
		{session.ErrKeyDenied, "or store an access key again: " + p.command("keys add")},
		{session.ErrKeyNotStored, "if it is in another keyring, name that: --keyring NAME"},
		{session.ErrKeyNotStored, "else store an access key again: " + p.command("keys add")},
		{errHasDevice, "to start a session with it: " + p.command("login")},
		{iamuser.ErrCodes, "have the phone set its clock by the network, then: " + p.command("enroll")},
		{iamuser.ErrNotUser, "choose a profile with an access key of an IAM user: --profile NAME"},
		{iamuser.ErrDenied, "your administrator must allow it for your own user; AWS's ForceMFA policy does: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html"},
		{session.ErrClock, doctor.SetClock()},
		{session.ErrRegion, "ask your administrator to activate the region's STS endpoint: IAM console, Account settings"},
		{session.ErrThrottled, "wait a minute, then: " + p.command("login")},
		{session.ErrDown, "try again later; AWS's status: https://health.aws.amazon.com/health/status"},
		{session.ErrUnreachable, "check the network, and behind a company's proxy HTTPS_PROXY and AWS_CA_BUNDLE"},
		{session.ErrProxy, "check HTTPS_PROXY, or git config http.proxy, with the user name and password that the proxy asks for"},
		{session.ErrNotSTS, "if this is a guest network, sign in to it in a web browser, then: " + p.command("login")},
		{session.ErrNoAnswer, "check the network, wait for the next code, then: " + p.command("login")},
	}
}

func (e badPath) hints(*program) []string {
	url := "https://" + e.host.Name
	switch {
	case errors.Is(e, codecommit.ErrNoPath):
		return []string{fmt.Sprintf("git config --global credential.%s.useHttpPath true", url)}
	case errors.Is(e, codecommit.ErrLFSPath):
		return []string{"CodeCommit does not serve Git LFS; set lfs.url to another server, or: git lfs uninstall --local"}
	}
	return []string{fmt.Sprintf("the URL must be %s/v1/repos/NAME, without .git at its end: git remote set-url origin %s/v1/repos/NAME", url, url)}
}

// notAskedHint is for a code that nobody could be asked for. A job without a
// session bus (cron, git maintenance) reads another keyring than the desktop,
// so a login on the desktop would not help it.
func (p *program) notAskedHint() string {
	if shell.Here == shell.Linux && p.keyring != nil && p.asking == "" && errors.Is(p.keyring.Missed(), cache.ErrNoSessionBus) && p.keyring.Backend() == "keyctl" { // mutation: a job without a bus is told its keyring
		return "there is no session bus here, so the keyring keyctl was read; run in a terminal: " + p.command("login --keyring keyctl")
	}
	return "run in a terminal: " + p.command(p.askingCommand())
}

// askingCommand returns the command in which the person is asked.
func (p *program) askingCommand() string {
	if p.asking == "" {
		return "login"
	}
	return p.asking
}

// baseName returns the profile whose keys and device a hint is about: of a
// role's profile, the one below it.
func (p *program) baseName() string {
	if p.settings.source.Base == "" {
		return p.profileName()
	}
	return p.settings.source.Base
}

func (p *program) profileName() string {
	if p.settings.source.Profile == "" {
		return "default"
	}
	return p.settings.source.Profile
}

// command returns the command line of a command for the profile in force.
func (p *program) command(command string) string { return p.commandWith("", command) }

func (p *program) commandWith(options, command string) string {
	words := []string{name}
	if p.settings.source.Profile != "" && p.settings.source.Profile != "default" {
		words = append(words, "--profile", word(p.settings.source.Profile))
	}
	if options != "" {
		words = append(words, options)
	}
	return strings.Join(append(words, command), " ")
}

// word quotes a name from a file or the environment for the shell, without the
// characters that control a terminal.
func word(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	return shell.Here.Quote(name)
}

// accessKeyPage explains to IAM users how to create an access key.
const accessKeyPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-key-self-managed.html"

// maxNames is how many profiles a hint names.
const maxNames = 5

// keyHints are for a person without an access key, often one who has used an
// HTTPS Git credential until now.
func (p *program) keyHints() []string {
	var hints []string
	if len(p.otherProfiles()) > 0 && p.profileName() == "default" {
		hints = append(hints, p.profilesHint("to use another profile (%s): "+name+" configure --profile NAME"))
	}
	return append(hints,
		"you need an access key (AKIA...) and its secret; in the AWS console: your name at the top right, Security credentials, Create access key",
		"step by step: "+accessKeyPage,
		p.storeKeyHint("store it"),
		"HTTPS Git credentials (NAME-at-123456789012) and SSH keys can't carry MFA, and are not used")
}

// otherProfiles returns the names of the profiles in the AWS files, without the
// one in force.
func (p *program) otherProfiles() []string {
	return slices.DeleteFunc(profileNames(p.Getenv), func(name string) bool { return name == p.profileName() })
}

// profilesHint puts the names of the other profiles, or the first of them, into
// a text.
func (p *program) profilesHint(text string) string {
	names, more := p.otherProfiles(), ""
	if len(names) == 0 {
		return "there is no profile yet"
	}
	if len(names) > maxNames {
		names, more = names[:maxNames], ", ..."
	}
	for i := range names {
		names[i] = word(names[i])
	}
	return fmt.Sprintf(text, strings.Join(names, ", ")+more)
}

// storeKeyHint says how to store an access key; verb begins the sentence. The
// key is never an argument of a command, since that would be in the shell's
// history, and visible to every process.
func (p *program) storeKeyHint(verb string) string {
	if _, err := exec.LookPath("aws"); err == nil {
		return verb + ": aws configure --profile " + word(p.baseName())
	}
	file := p.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	switch {
	case file != "":
		file = word(file)
	case shell.Here == shell.Windows:
		file = shell.Here.HomeFile(".aws/credentials")
	default:
		file = shell.Here.HomeFile(".aws/credentials") + ", mode 0600"
	}
	return fmt.Sprintf("%s: with an editor, as three lines of %s: [%s], aws_access_key_id = AKIA..., aws_secret_access_key = ...", verb, file, p.baseName())
}

func unlockHint() string {
	switch shell.Here {
	case shell.MacOS:
		return "security unlock-keychain, or choose another keyring: " + keyringHint()
	case shell.Linux:
		return "unlock the login keyring (Passwords and Keys, or seahorse), or choose another: " + keyringHint()
	}
	return "choose another keyring: " + keyringHint()
}

func keyringHint() string {
	if shell.Here == shell.Linux {
		return "--keyring keyctl, --keyring file"
	}
	return "--keyring file"
}

// keepingHint names the keyrings that can hold an access key.
func keepingHint() string {
	return "--keyring " + keepingKeyrings[string(shell.Here)] + ", --keyring file"
}

func passphraseHint() string {
	hint := "to encrypt sessions: " + shell.Here.Set("GIT_CREDENTIAL_MFA_PASSPHRASE", "a passphrase of your own")
	if shell.Here == shell.Linux {
		return "choose another keyring (--keyring keyctl), or " + hint
	}
	return hint
}

// homeHint names the variable from which the file keyring takes its folder.
func homeHint() string {
	variable := "HOME"
	if shell.Here == shell.Windows {
		variable = "APPDATA"
	}
	return "to name your own folder: " + shell.Here.Set(variable, "DIR")
}
