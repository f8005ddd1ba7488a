package cli

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// accessKeyPage tells IAM users how they make an access key of their own.
const accessKeyPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-key-self-managed.html"

// maxNames is how many profiles a hint names.
const maxNames = 5

// keyHints are for a person without credentials: often one who has cloned with
// an HTTPS Git credential until now, and never needed an access key.
func (p *program) keyHints() []string {
	var hints []string
	if len(profileNames(p.Getenv)) > 0 && p.profileName() == "default" {
		hints = append(hints, p.profilesHint("to use another profile (%s): "+name+" configure --profile NAME"))
	}
	return append(hints,
		"you need an access key, an id (AKIA...) and its secret. In the AWS console: your name at the upper right, Security credentials, Create access key",
		"step by step: "+accessKeyPage,
		p.storeKeyHint("store it"),
		"HTTPS Git credentials (NAME-at-123456789012) and SSH keys can't carry MFA, and are not used")
}

// profilesHint puts the names of the profiles, or what they begin with, into a
// text.
func (p *program) profilesHint(text string) string {
	names, more := profileNames(p.Getenv), ""
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

// storeKeyHint says how an access key is stored, after a verb. Never as an argument of a
// command: that stands in the shell's history, and every process can read it.
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
