package cli

import "github.com/git-credential-mfa/git-credential-mfa/internal/shell"

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
	hint := shell.Here.Set("GIT_CREDENTIAL_MFA_PASSPHRASE", "a passphrase of your own") + ", which the session is encrypted with"
	if shell.Here == shell.Linux {
		return hint + "; or choose another keyring: --keyring keyctl"
	}
	return hint
}

// homeHint names the variable by which the keyring of files finds its folder.
func homeHint() string {
	variable := "HOME"
	if shell.Here == shell.Windows {
		variable = "APPDATA"
	}
	return shell.Here.Set(variable, "DIR") + ", your own folder"
}

func notWritableHint() string {
	return "write the user's own file: " + name + " configure --global; the machine's needs an administrator: " +
		shell.Here.Administrator(name+" configure --system") + "; and where a tool makes your dotfiles: " + name + " configure --dry-run"
}
