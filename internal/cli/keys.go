package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// The names of a profile's settings for an access key in the AWS files.
const (
	keyIDSetting   = "aws_access_key_id"
	secretSetting  = "aws_secret_access_key"
	tokenSetting   = "aws_session_token"
	processSetting = "credential_process"
)

// keysLimit is how long another command that changes keys is waited for.
const keysLimit = 10 * time.Second

var (
	errKeysBusy   = errors.New("another git-credential-mfa is changing access keys or AWS files")
	errNeedsYes   = errors.New("nobody can be asked whether to do it")
	errDeclined   = errors.New("not done: the answer was no")
	errRoleKey    = errors.New("the profile assumes a role; the access key is that of another profile")
	errNotStored  = errors.New("the profile's access key is not in the keyring")
	errUnfinished = errors.New("the rotation of this key is not finished")
)

// keyActions are the actions of keys, in the order of a key's life.
var keyActions = []string{"import", "add", "list", "rotate", "export", "remove"}

func (p *program) keysCommand() *cli.Command {
	return &cli.Command{
		Name: "keys", Usage: "keep the access key in the keyring instead of a file", ArgsUsage: strings.Join(keyActions, "|"),
		Description: "  import  move the profile's access key out of ~/.aws into the keyring; the AWS CLI, " +
			"SDKs and Terraform go on with the profile, now with MFA\n" +
			"  add     store a new access key; with - read id and secret from stdin, a line each\n" +
			"  list    show the access keys: profile, age, and where each lies\n" +
			"  rotate  make a new access key, put it in force, delete the old one\n" +
			"  export  put the access key back into ~/.aws\n" +
			"  remove  forget the access key in the keyring",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do it without a question", DisableDefaultText: true}},
		Action: p.keys,
	}
}

func (p *program) keys(c *cli.Context) error {
	words, err := interspersed(c)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errUsage{fmt.Errorf("keys: what to do: %s", strings.Join(keyActions, ", "))}
	}
	action, rest := words[0], words[1:]
	fromStdin := action == "add" && len(rest) == 1 && rest[0] == "-"
	if len(rest) > 0 && !fromStdin {
		return errUsage{fmt.Errorf("keys %s: unexpected argument %q", action, strings.Join(rest, " "))}
	}
	p.asking = "keys " + action
	run, ok := map[string]func(*keyring) error{
		"import": (*keyring).importKey, "list": (*keyring).list, "rotate": (*keyring).rotate,
		"export": (*keyring).export, "remove": (*keyring).remove,
		"add": func(k *keyring) error { return k.add(fromStdin) },
	}[action]
	if !ok {
		return errUsage{fmt.Errorf("keys: unknown action %q: not one of %s", action, strings.Join(keyActions, ", "))}
	}
	k, err := p.openKeys(c)
	if err == nil {
		defer k.unlock()
		err = run(k)
	}
	if err != nil {
		return fmt.Errorf("keys %s: %w", action, err)
	}
	return nil
}

// keyring is what the actions of keys work on: a profile, the AWS files, and
// the keyring.
type keyring struct {
	*program
	c       *cli.Context
	store   *cache.Store
	profile string
	files   *awsfile.Files
	unlock  func()
}

// openKeys reads the files and takes the lock of those who change keys.
func (p *program) openKeys(c *cli.Context) (*keyring, error) {
	k := &keyring{program: p, c: c}
	// An error of the profile's is none yet: add may make it.
	s := p.resolve(c, nil)
	k.profile = s.source.Profile
	var err error
	if k.store, err = p.store(c.Context, s); err != nil {
		return nil, err
	}
	if k.unlock, err = lockKeys(c.Context, "keys"); err != nil {
		return nil, err
	}
	if err = k.read(); err != nil {
		k.unlock()
	}
	return k, err
}

// read reads the AWS files anew.
func (k *keyring) read() (err error) {
	k.files, err = awsfile.Read(k.c.Context, k.Getenv)
	return err
}

// lockKeys takes a lock between processes, which the kernel frees.
func lockKeys(ctx context.Context, what string) (unlock func(), err error) {
	held, err := cache.LockWithin(ctx, cache.Identity{Source: "lock of " + what}, keysLimit, errKeysBusy)
	return held.Unlock, err
}

// lockFiles is the lock of all who change AWS files.
func lockFiles(ctx context.Context) (unlock func(), err error) { return lockKeys(ctx, "AWS files") }

// edit changes the profile in one of the files, and reads them anew.
func (k *keyring) edit(kind awsfile.Kind, changes ...awsfile.Change) error {
	return k.editOf(k.profile, kind, changes...)
}

func (k *keyring) editOf(profile string, kind awsfile.Kind, changes ...awsfile.Change) error {
	if _, err := awsfile.Edit(k.c.Context, lockFiles, awsfile.Name(k.Getenv, kind), kind, profile, changes...); err != nil {
		return err
	}
	return k.read()
}

func set(key, value string) awsfile.Change { return awsfile.Change{Key: key, Value: value} }
func unset(key string) awsfile.Change      { return awsfile.Change{Key: key, Remove: true} }

// storedID is the id of the access key that the keyring holds for the profile,
// or "".
func (k *keyring) storedID() string { return k.storedIDOf(k.profile) }

func (k *keyring) storedIDOf(profile string) string {
	r, err := k.files.Profile(profile)
	if err != nil {
		return ""
	}
	return awssource.StoredKey(r)
}

// stored is the profile's access key in the keyring.
func (k *keyring) stored() (cache.LongTermKey, error) {
	id := k.storedID()
	if id == "" {
		return cache.LongTermKey{}, fmt.Errorf("profile %q: %w", k.profile, errNotStored)
	}
	key, err := k.longTermKey(k.c.Context, k.store)(id)
	switch {
	case errors.Is(err, cache.ErrNotFound):
		err = fmt.Errorf("profile %q, key %s: %w", k.profile, shortKey(id), session.ErrKeyNotStored)
	case errors.Is(err, cache.ErrDenied):
		err = fmt.Errorf("profile %q, key %s: %w: %v", k.profile, shortKey(id), session.ErrKeyDenied, err)
	}
	return key, err
}

// The questions of keys.
var (
	replaceStored = language.Text{English: "the keyring holds the access key %s for profile %s: put %s in its place?",
		Japanese: "プロファイル %[2]s のアクセスキー %[1]s がキーリングにあります。%[3]s に置き換えますか"}
	importKey = language.Text{English: "move the access key %s of profile %s into the keyring (%s), and have the AWS CLI and SDKs get it from this program, with MFA?",
		Japanese: "プロファイル %[2]s のアクセスキー %[1]s をキーリング (%[3]s) に移しますか。AWS CLI と SDK は、このプログラムから MFA 付きで受け取るようになります"}
	exportKey = language.Text{English: "put the access key %s of profile %s back into %s, in the clear?",
		Japanese: "プロファイル %[2]s のアクセスキー %[1]s を、平文で %[3]s に戻しますか"}
	removeKey = language.Text{English: "forget the access key %s of profile %s? There is no copy of its secret anywhere",
		Japanese: "プロファイル %[2]s のアクセスキー %[1]s を削除しますか。シークレットの控えはどこにもありません"}
	removeUnused = language.Text{English: "no profile uses the access key %s, which was stored for profile %s: forget it? There is no copy of its secret anywhere",
		Japanese: "アクセスキー %s (プロファイル %s 用に保存) を使うプロファイルはありません。削除しますか。シークレットの控えはどこにもありません"}
	deleteLost = language.Text{English: "the access key %s was made by a rotation that was cut off before it was stored, so nobody has its secret: delete it and go on?",
		Japanese: "アクセスキー %s は、保存前に中断したローテーションで作られたもので、シークレットは誰も持っていません。削除して続けますか"}
	keyIDWanted  = language.Text{English: "access key id of profile %s (AKIA...): ", Japanese: "プロファイル %s のアクセスキー ID (AKIA...): "}
	keyIDPlease  = language.Text{English: "an id such as AKIAIOSFODNN7EXAMPLE, please: ", Japanese: "AKIAIOSFODNN7EXAMPLE のような ID を入力してください: "}
	secretWanted = language.Text{English: "secret access key (not shown): ", Japanese: "シークレットアクセスキー (表示されません): "}
)

// ask asks for leave to change something.
func (k *keyring) ask(question language.Text) error {
	if !k.c.Bool("yes") && !k.StdinIsTerminal() {
		return errNeedsYes
	}
	yes, err := k.confirm(k.c, question)
	if err == nil && !yes {
		err = errDeclined
	}
	return err
}

// place words where a value stands, with the home folder as ~.
func (k *keyring) place(at awsfile.Place) string {
	text := at.String()
	if rest, ok := strings.CutPrefix(text, k.home()+string(filepath.Separator)); ok && k.home() != "" {
		text = filepath.Join("~", rest)
	}
	return text
}

// keepingKeyrings are the keyrings of the systems that keep an access key.
var keepingKeyrings = map[string]string{"linux": "secret-service", "darwin": "keychain", "windows": "wincred"}

// longTermKey reads an access key from the keyring in use, or, if that one
// keeps none (--keyring keyctl, for a session that cron is to have), from the
// system's own.
func (p *program) longTermKey(ctx context.Context, store *cache.Store) func(string) (cache.LongTermKey, error) {
	return func(accessKeyID string) (cache.LongTermKey, error) {
		if backend := keepingKeyrings[runtime.GOOS]; store.Keeps() != nil && backend != "" {
			keeping, err := cache.Open(context.WithoutCancel(ctx), cache.Options{Backend: backend, Trace: p.trace})
			if err != nil {
				return cache.LongTermKey{}, err
			}
			return keeping.LongTermKey(accessKeyID)
		}
		return store.LongTermKey(accessKeyID)
	}
}

// fileExists reports whether one of the AWS files is there.
func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

var (
	errNotAKey   = errors.New("it is no access key of an IAM user: an id of AKIA and 16 or more letters and digits, and a secret of 16 or more characters without blanks")
	errKeyInFile = errors.New("the profile has an access key in a file")
)

// isKeyID reports whether a text can be the id of an IAM user's access key.
// Patterns would be compiled for every answer to git.
func isKeyID(id string) bool {
	return strings.HasPrefix(id, "AKIA") && len(id) >= 16 && len(id) <= 128 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isSecretKey reports whether a text can be a secret access key.
func isSecretKey(secret string) bool {
	odd := strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' })
	return len(secret) >= 16 && len(secret) <= 256 && !odd
}

// add stores a new access key for the profile, which need not exist yet.
func (k *keyring) add(fromStdin bool) error {
	if err := k.store.Keeps(); err != nil {
		return err
	}
	if err := k.canAdd(); err != nil {
		return err
	}
	process, err := k.processLine()
	if err != nil {
		return err
	}
	key, err := k.newKey(fromStdin)
	if err != nil {
		return err
	}
	old := k.storedID()
	if old != "" && old != key.AccessKeyID {
		if err := k.ask(replaceStored.Format(shortKey(old), k.profile, shortKey(key.AccessKeyID))); err != nil {
			return err
		}
	}
	if err := k.prove(key); err != nil {
		return err
	}
	if there, err := k.store.LongTermKey(key.AccessKeyID); err == nil && there.SecretAccessKey == key.SecretAccessKey {
		key = there // another profile has it
	}
	if err := k.store.PutLongTermKey(key); err != nil {
		return err
	}
	if err := k.takeOut(key, process); err != nil {
		return err
	}
	k.tell("the access key %s of profile %s is in the keyring (%s)", shortKey(key.AccessKeyID), k.profile, k.store.Backend())
	if old != "" && old != key.AccessKeyID {
		return k.forgetAll(old)
	}
	k.tell("hint: next: %s", k.command("login"))
	return nil
}

// canAdd refuses to take the place of credentials that are there.
func (k *keyring) canAdd() error {
	r, err := k.files.Profile(k.profile)
	if err != nil {
		if k.files.Has(k.profile) {
			return err
		}
		return nil // takeOut makes it
	}
	process := r.Get(processSetting)
	switch {
	case r.HasKeys():
		return fmt.Errorf("profile %q: %w: %s", k.profile, errKeyInFile, k.place(r.Value(keyIDSetting).Place))
	case r.Get("role_arn") != "":
		return fmt.Errorf("profile %q: %w: %s", k.profile, errRoleKey, r.Get("source_profile"))
	case process != "" && !awssource.ServesItself(process, k.profile):
		return fmt.Errorf("profile %q: %w: %s", k.profile, errOtherSource, k.place(r.Value(processSetting).Place))
	}
	return nil
}

// newKey reads the key from stdin, two lines, or asks for it, the secret hidden.
func (k *keyring) newKey(fromStdin bool) (cache.LongTermKey, error) {
	key := cache.LongTermKey{Profile: k.profile}
	var err error
	if fromStdin {
		in := bufio.NewReader(io.LimitReader(k.Stdin, 4096))
		key.AccessKeyID, _ = in.ReadString('\n')
		key.SecretAccessKey, err = in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return key, fmt.Errorf("reading the access key from stdin: %w", err)
		}
	} else if err := k.askForKey(&key); err != nil {
		return key, asked(err)
	}
	key.AccessKeyID, key.SecretAccessKey = strings.TrimSpace(key.AccessKeyID), strings.TrimSpace(key.SecretAccessKey)
	switch {
	case strings.HasPrefix(key.AccessKeyID, "ASIA"):
		return key, session.ErrTemporary
	case !isKeyID(key.AccessKeyID) || !isSecretKey(key.SecretAccessKey):
		return key, errNotAKey
	}
	return key, nil
}

func (k *keyring) askForKey(key *cache.LongTermKey) error {
	asker, err := k.prompter(k.c.Context, k.settings, target{byHand: true})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(k.c.Context, enrollLimit)
	defer cancel()
	key.AccessKeyID, err = asker.Line(ctx, keyIDWanted.Format(k.profile), keyIDPlease, isKeyID)
	if err == nil {
		key.SecretAccessKey, err = asker.Secret(ctx, secretWanted)
	}
	return err
}

// prove asks STS whether the key works. A key that STS refuses is not kept; of
// one that could not be tried, only a warning says so.
func (k *keyring) prove(key cache.LongTermKey) error {
	client, err := k.clientFor(aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey})
	if err == nil {
		_, err = client.Whoami(k.c.Context)
	}
	switch {
	case errors.Is(err, session.ErrKey), errors.Is(err, session.ErrSecret), errors.Is(err, iamuser.ErrNotUser):
		return err
	case err != nil:
		k.tell("warning: the key could not be tried: %v", err)
	}
	return nil
}

// clientFor calls IAM and STS with some keys, by the way of the profile, if
// there is one already.
func (k *keyring) clientFor(keys aws.Credentials) (*iamuser.Client, error) {
	source := session.Source{Profile: awsfile.DefaultProfile, SDKProfile: awsfile.DefaultProfile}
	if k.files.Has(k.profile) {
		source, _ = session.ReadSource(k.c.Context, k.profile)
	}
	source.Roles = nil
	t, err := k.regionTarget(source, false)
	if err == nil {
		err = source.CheckEndpoints()
	}
	if err != nil {
		return nil, err
	}
	cfg, err := k.awsSettings(source, t).Load(k.c.Context)
	if err != nil {
		return nil, err
	}
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
	return iamuser.New(cfg, false), nil
}

// ageLimit is how long IAM is waited for when a list wants to know the ages of
// keys.
const ageLimit = 5 * time.Second

// listedKey is a row of the list.
type listedKey struct {
	profile, id, where string
	created            time.Time
	// notes say what is not finished, and what to run.
	notes []string
}

// list shows the access keys in the keyring and those in the files.
func (k *keyring) list() error {
	rows, err := k.storedRows()
	if err != nil {
		return err
	}
	rows = append(rows, k.fileRows()...)
	if len(rows) == 0 {
		k.tell("there is no access key, neither in the keyring (%s) nor in a file", k.store.Backend())
		return nil
	}
	ages := k.ages(rows)
	table := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROFILE\tKEY\tAGE\tWHERE")
	for _, row := range rows {
		if row.created.IsZero() {
			row.created = ages[row.id]
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.profile, shortKey(row.id), age(row.created), row.where)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, row := range rows {
		for _, note := range row.notes {
			k.tell("%s", note)
		}
	}
	return nil
}

func (k *keyring) storedRows() ([]listedKey, error) {
	keys, err := k.store.LongTermKeys()
	if err != nil {
		return nil, err
	}
	var rows []listedKey
	for _, key := range keys {
		users := k.usersOf(key.AccessKeyID)
		if len(users) > 0 && !slices.Contains(users, key.Profile) {
			key.Profile = users[0]
		}
		row := listedKey{profile: key.Profile, id: key.AccessKeyID, created: key.Created, where: "keyring (" + k.store.Backend() + ")"}
		for _, user := range users {
			if user != key.Profile {
				rows = append(rows, listedKey{profile: user, id: row.id, created: row.created, where: row.where})
			}
		}
		named := k.storedIDOf(key.Profile)
		command := func(what string) string { return name + " --profile " + word(key.Profile) + " keys " + what }
		switch {
		case key.Replaces != "" && named == key.AccessKeyID:
			row.notes = append(row.notes, fmt.Sprintf("the old key %s of profile %s is not deleted yet; to finish: %s", shortKey(key.Replaces), key.Profile, command("rotate")))
		case key.Replaces != "":
			row.notes = append(row.notes, fmt.Sprintf("the new key %s of profile %s is not in force yet; to finish: %s", shortKey(key.AccessKeyID), key.Profile, command("rotate")))
		case !key.Rotating.IsZero():
			row.notes = append(row.notes, fmt.Sprintf("a rotation of the key %s of profile %s was cut off; to go on: %s", shortKey(key.AccessKeyID), key.Profile, command("rotate")))
		case named != key.AccessKeyID && k.inFile(key):
			row.notes = append(row.notes, fmt.Sprintf("the import of the key %s of profile %s was cut off; to finish: %s", shortKey(key.AccessKeyID), key.Profile, command("import")))
		case !k.isUsed(key, keys):
			note := fmt.Sprintf("no profile uses the key %s, which was stored for profile %s", shortKey(key.AccessKeyID), key.Profile)
			if named == "" { // else the command is about the key that is named
				note += "; to forget it: " + command("remove")
			}
			row.notes = append(row.notes, note)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// inFile reports whether the files still hold a key that is in the keyring.
func (k *keyring) inFile(key cache.LongTermKey) bool {
	r, err := k.files.Profile(key.Profile)
	return err == nil && r.Get(keyIDSetting) == key.AccessKeyID
}

// fileRows are the long-term keys in the files; those of sessions have tokens.
func (k *keyring) fileRows() []listedKey {
	var rows []listedKey
	for _, profile := range k.files.Names() {
		r, _ := k.files.Profile(profile)
		if r == nil || !r.HasKeys() || r.Get(tokenSetting) != "" {
			continue
		}
		rows = append(rows, listedKey{profile: profile, id: r.Get(keyIDSetting),
			where: k.place(r.Value(secretSetting).Place) + ", in the clear", notes: fileNotes(k, profile)})
	}
	return rows
}

// ages asks IAM for the ages that the keyring does not know, by the sessions
// that are held; nobody is asked for a code.
func (k *keyring) ages(rows []listedKey) map[string]time.Time {
	ages := map[string]time.Time{}
	sessions, err := k.store.Sessions()
	if err != nil {
		k.trace("the ages of keys: %v", err)
	}
	ctx, cancel := context.WithTimeout(k.c.Context, ageLimit)
	defer cancel()
	for _, row := range rows {
		for _, s := range sessions {
			if !row.created.IsZero() || s.Identity.Source != row.id || s.Identity.Role != "" || s.Left() <= 0 || !ages[row.id].IsZero() {
				continue
			}
			client, err := k.clientFor(session.Credentials(s))
			if err != nil {
				k.trace("the age of %s: %v", shortKey(row.id), err)
				continue
			}
			keys, err := client.Keys(ctx)
			k.trace("the age of %s: %v", shortKey(row.id), err)
			for _, key := range keys {
				ages[key.ID] = key.Created
			}
		}
	}
	return ages
}

// age words how old a key is.
func age(created time.Time) string {
	if created.IsZero() {
		return "unknown"
	}
	switch days := int(time.Since(created).Hours() / 24); {
	case days < 1:
		return "today"
	case days == 1:
		return "1 day"
	default:
		return strings.TrimSpace(fmt.Sprintf("%d days", days))
	}
}
