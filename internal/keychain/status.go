//go:build darwin || linux

package keychain

import (
	"fmt"
	"syscall"
)

// Status is the result of a function of Security (OSStatus; SecBase.h of the
// macOS SDK).
type Status int32

const (
	success               Status = 0
	userCanceled          Status = -128
	notAvailable          Status = -25291
	authFailed            Status = -25293
	noSuchKeychain        Status = -25294
	duplicateItem         Status = -25299
	itemNotFound          Status = -25300
	noDefaultKeychain     Status = -25307
	interactionNotAllowed Status = -25308
	interactionRequired   Status = -25315
	noAccessForItem       Status = -25243
	invalidOwnerEdit      Status = -25244
	// errnoBase plus an errno is a failure of the system, such as a sandbox's
	// refusal.
	errnoBase Status = 100000
)

// names are those of Apple's headers, which people search for.
var names = map[Status]string{
	userCanceled: "errSecUserCanceled", notAvailable: "errSecNotAvailable", authFailed: "errSecAuthFailed",
	noSuchKeychain: "errSecNoSuchKeychain", duplicateItem: "errSecDuplicateItem", itemNotFound: "errSecItemNotFound",
	noDefaultKeychain: "errSecNoDefaultKeychain", interactionNotAllowed: "errSecInteractionNotAllowed",
	interactionRequired: "errSecInteractionRequired", noAccessForItem: "errSecNoAccessForItem",
	invalidOwnerEdit: "errSecInvalidOwnerEdit",
}

// Error returns the name and number; the command "security error NUMBER"
// explains them.
func (s Status) Error() string {
	if name, ok := names[s]; ok {
		return fmt.Sprintf("%s (%d)", name, int32(s))
	}
	if errno := s - errnoBase; errno > 0 && errno < 256 {
		return fmt.Sprintf("%v (OSStatus %d; a sandbox may keep this program from the keychain)", syscall.Errno(errno), int32(s))
	}
	return fmt.Sprintf("OSStatus %d", int32(s))
}

// refused reports whether the keychain refused access to an item: because it is
// locked, or because it would have to ask the person first.
func (s Status) refused() bool {
	switch s {
	case userCanceled, authFailed, interactionNotAllowed, interactionRequired, noAccessForItem:
		return true
	}
	return false
}

// missing reports whether the user has no keychain, as users have none who never
// log in at a screen.
func (s Status) missing() bool {
	switch s {
	case notAvailable, noSuchKeychain, noDefaultKeychain:
		return true
	}
	return false
}
