package cli

import "runtime"

func unlockHint() string {
	switch runtime.GOOS {
	case "darwin":
		return "security unlock-keychain, or choose another keyring: " + keyringHint()
	case "linux":
		return "unlock the login keyring (Passwords and Keys, or seahorse), or choose another: " + keyringHint()
	}
	return "choose another keyring: " + keyringHint()
}

func keyringHint() string {
	if runtime.GOOS == "linux" {
		return "--keyring keyctl, --keyring file"
	}
	return "--keyring file"
}

// keepingHint names the keyrings that can hold an access key.
func keepingHint() string { return "--keyring " + keepingKeyrings[runtime.GOOS] + ", --keyring file" }
