package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// servingVariable holds, as a JSON array, the profiles whose sessions this
// process and its parents are getting. JSON, since a name can have any
// character.
const servingVariable = "GIT_CREDENTIAL_MFA_SERVING"

// errRecursion is the error for a profile whose credential_process is this
// program, for the same profile.
var errRecursion = errors.New("its credentials would come from itself")

// processCredentials is the output of a credential_process (AWS SDKs and Tools
// Reference Guide, "Process credential provider").
type processCredentials struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	// Expiration is left out if it is not known: the SDK then runs the program
	// only once.
	Expiration string `json:",omitempty"`
}

func (p *program) credentialProcessCommand() *cli.Command {
	return &cli.Command{
		Name: "credential-process", Usage: "give the session to the AWS CLI, SDKs and Terraform",
		Description: "Prints the session in the JSON format of credential_process, and asks for the code if it needs one. In ~/.aws/config, in a profile beside the one with the access key:\n\n" +
			"  [profile work-mfa]\n" +
			"  credential_process = git-credential-mfa --profile work credential-process",
		Action: p.credentialProcess,
	}
}

func (p *program) credentialProcess(c *cli.Context) error {
	if err := cmp.Or(noArguments(c), p.checkStdout()); err != nil {
		return err
	}
	provider, err := p.provider(c, target{bySDK: true})
	if err != nil {
		return err
	}
	s, err := provider.Session(c.Context, session.Kept)
	p.progress.end() // before the answer, since its reader goes on at once
	if err != nil {
		return err
	}
	keys := session.Credentials(s)
	out := processCredentials{Version: 1, AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}
	if keys.CanExpire {
		// By the local clock, since the SDK compares it with that.
		out.Expiration = keys.Expires.UTC().Format(time.RFC3339)
	}
	p.trace("gave the credentials of profile %q with key %s", provider.Source.Profile, shortKey(keys.AccessKeyID))
	encoder := json.NewEncoder(p.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

// serve tells all child processes that this profile's session is being got. If
// a parent process is getting it already, serve returns errRecursion: the
// profile would wait for its own lock.
func (p *program) serve(profile string) error {
	var serving []string
	if err := json.Unmarshal([]byte(p.Getenv(servingVariable)), &serving); err != nil {
		serving = nil // not set, or set by something else
	}
	loop := slices.Contains(serving, profile)
	serving = append(serving, profile)
	if loop {
		var way []string
		for _, name := range serving {
			way = append(way, strconv.Quote(name))
		}
		return fmt.Errorf("getting the session of profile %q: %w (%s)", profile, errRecursion, strings.Join(way, " from "))
	}
	list, err := json.Marshal(serving)
	if err != nil {
		return err
	}
	return p.Setenv(servingVariable, string(list))
}
