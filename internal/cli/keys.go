package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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

// keysLimit is how long to wait for another command that changes keys.
const keysLimit = 10 * time.Second

var (
	errKeysBusy   = errors.New("another git-credential-mfa is changing access keys or AWS files")
	errNeedsYes   = errors.New("there is no terminal to ask for confirmation")
	errDeclined   = errors.New("not done: the answer was no")
	errRoleKey    = errors.New("it assumes a role, and the access key is in another profile")
	errNotStored  = errors.New("its access key is not in the keyring")
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
			"  list    show the access keys: profile, age, and where each is\n" +
			"  rotate  create a new access key, put it in force, delete the old one\n" +
			"  export  put the access key back into ~/.aws\n" +
			"  remove  forget the access key in the keyring",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "answer yes to every question"}},
		Action: p.keys,
	}
}

func (p *program) keys(c *cli.Context) error {
	words := c.Args().Slice()
	if len(words) == 0 {
		return errUsage{fmt.Errorf("keys: name an action: %s", strings.Join(keyActions, ", "))}
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

// openKeys takes the lock of all commands that change keys, and reads the AWS
// files.
func (p *program) openKeys(c *cli.Context) (*keyring, error) {
	k := &keyring{program: p, c: c}
	// No error yet if the profile does not exist: add may create it.
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

// read reads the AWS files again.
func (k *keyring) read() (err error) {
	k.files, err = awsfile.Read(k.c.Context, k.Getenv)
	return err
}

// lockKeys takes a lock between processes, which the kernel frees.
func lockKeys(ctx context.Context, what string) (unlock func(), err error) {
	held, err := cache.LockWithin(ctx, cache.Identity{Source: "lock of " + what}, keysLimit, errKeysBusy)
	return held.Unlock, err
}

// lockFiles takes the lock of all commands that change AWS files.
func lockFiles(ctx context.Context) (unlock func(), err error) { return lockKeys(ctx, "AWS files") }

// edit changes the profile in one of the AWS files, and reads both again.
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

// storedID returns the id of the profile's access key in the keyring, or "".
func (k *keyring) storedID() string { return k.storedIDOf(k.profile) }

func (k *keyring) storedIDOf(profile string) string {
	r, err := k.files.Profile(profile)
	if err != nil {
		return ""
	}
	return awssource.StoredKey(r)
}

// stored returns the profile's access key from the keyring.
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

// ask asks whether to change something. Its error says that the answer was no,
// or that nobody could be asked.
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

// place returns where a value is, with the home folder as ~.
func (k *keyring) place(at awsfile.Place) string {
	text := at.String()
	if rest, ok := strings.CutPrefix(text, k.home()+string(filepath.Separator)); ok && k.home() != "" {
		text = filepath.Join("~", rest)
	}
	return text
}

// keepingKeyrings are each system's keyring that keeps access keys.
var keepingKeyrings = map[string]string{"linux": "secret-service", "darwin": "keychain", "windows": "wincred"}

// longTermKey returns a function that reads an access key from the keyring in
// use, or, if that keeps none (--keyring keyctl, for jobs), from the system's
// own.
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

// fileExists reports whether a file exists.
func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// clientFor returns a client of IAM and STS with some keys, and with the
// settings of the profile if it exists already.
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

// Profiles can share an access key. In the keyring it is one item, which each
// of them names.

// sharedKey is the error for an access key that two profiles have, at least one
// of them in a file.
type sharedKey struct {
	id, profile, place string   // the other profile, and where it has the key
	imports            []string // the commands after which the two share it in the keyring
}

// Error names the other profile.
func (e *sharedKey) Error() string {
	return fmt.Sprintf("profile %q has the access key %s too: %s", e.profile, shortKey(e.id), e.place)
}

func (e *sharedKey) hints(*program) []string {
	return []string{"to have the profiles share it in the keyring: " + strings.Join(e.imports, "; ")}
}

// sharedInFile returns a sharedKey error if another profile has that access
// key, and it or this one has it in a file: the key could not be changed for
// both in one step.
func (k *keyring) sharedInFile(id string) error {
	var imports []string
	if k.storedID() == "" {
		imports = append(imports, k.command("keys import"))
	}
	for _, profile := range k.files.Names() {
		r, err := k.files.Profile(profile)
		if err != nil || profile == k.profile || id == "" {
			continue
		}
		e := sharedKey{id: id, profile: profile, imports: imports}
		switch {
		case r.Get(keyIDSetting) == id:
			e.place, e.imports = k.place(r.Value(keyIDSetting).Place)+", in the clear", append(imports, name+" --profile "+word(profile)+" keys import")
			return &e
		case awssource.StoredKey(r) == id && k.storedID() == "":
			e.place = "in the keyring"
			return &e
		}
	}
	return nil
}

// usersOf returns the profiles that name a key in the keyring.
func (k *keyring) usersOf(id string) []string {
	return slices.DeleteFunc(k.files.Names(), func(profile string) bool { return id == "" || k.storedIDOf(profile) != id })
}

// nameKey makes all profiles that name one key in the keyring name another. The
// command's own profile comes last, since the state of a rotation is read from
// it.
func (k *keyring) nameKey(from, to string) error {
	users := k.usersOf(from)
	if at := slices.Index(users, k.profile); at >= 0 {
		users = append(slices.Delete(users, at, at+1), k.profile)
	}
	for _, profile := range users {
		if err := k.editOf(profile, awsfile.Config, set(awssource.StoredKeySetting, to)); err != nil {
			return err
		}
	}
	return nil
}

// forget removes an access key from the keyring, with its sessions, unless a
// profile uses it.
func (k *keyring) forget(id string) error {
	if id == "" || len(k.usersOf(id)) > 0 { // mutation: keys: a key that another profile uses stays
		return nil
	}
	if err := k.store.RemoveLongTermKey(id); err != nil {
		return err
	}
	return k.store.DropCarried(id)
}

// isUsed reports whether a profile uses a key in the keyring, or a rotation or an
// import that is not finished does.
func (k *keyring) isUsed(key cache.LongTermKey, all []cache.LongTermKey) bool {
	if k.inFile(key) || len(k.usersOf(key.AccessKeyID)) > 0 || len(k.usersOf(key.Replaces)) > 0 {
		return true
	}
	return slices.ContainsFunc(all, func(other cache.LongTermKey) bool {
		return other.Replaces == key.AccessKeyID && len(k.usersOf(other.AccessKeyID)) > 0
	})
}
