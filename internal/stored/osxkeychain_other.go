//go:build !darwin

package stored

import "context"

func openKeychain(context.Context) *keychainPasswords { return nil }
