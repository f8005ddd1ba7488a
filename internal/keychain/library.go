//go:build darwin || linux

package keychain

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Libraries are the paths of the two libraries that this package calls.
type Libraries struct{ CoreFoundation, Security string }

// Apple are the paths on macOS. Since macOS 11 there are no such files: dlopen
// finds the libraries by these names in the system's shared cache.
var Apple = Libraries{
	CoreFoundation: "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
	Security:       "/System/Library/Frameworks/Security.framework/Security",
}

const utf8 = 0x08000100 // kCFStringEncodingUTF8

// ref is a CFTypeRef: a counted reference to a CoreFoundation object, or 0.
type ref uintptr

// library holds Apple's functions, and the constants to call them with. CFIndex
// is an int, OSStatus a Status, Boolean a uint8.
type library struct {
	cfRelease            func(ref)
	cfGetTypeID          func(ref) uint
	cfStringGetTypeID    func() uint
	cfStringCreate       func(allocator ref, bytes *byte, length int, encoding uint32, external uint8) ref
	cfStringGetLength    func(ref) int
	cfStringMaximumSize  func(length int, encoding uint32) int
	cfStringGetCString   func(s ref, buffer *byte, size int, encoding uint32) uint8
	cfDataGetTypeID      func() uint
	cfDataCreate         func(allocator ref, bytes *byte, length int) ref
	cfDataGetLength      func(ref) int
	cfDataGetBytePtr     func(ref) *byte
	cfDictionaryCreate   func(allocator ref, keys, values *ref, count int, keyCallbacks, valueCallbacks uintptr) ref
	cfDictionaryGetValue func(dictionary, key ref) ref
	cfArrayGetCount      func(ref) int
	cfArrayGetValueAt    func(array ref, index int) ref
	cfDateGetTypeID      func() uint
	// cfDateGetAbsoluteTime returns seconds since 2001.
	cfDateGetAbsoluteTime func(ref) float64
	secItemAdd            func(attributes ref, result *ref) Status
	secItemCopyMatching   func(query ref, result *ref) Status
	secItemUpdate         func(query, attributes ref) Status
	secItemDelete         func(query ref) Status
	// Deprecated since macOS 10.10; nil if Apple removes them.
	secKeychainGetStatus  func(keychain ref, status *uint32) Status
	secKeychainItemDelete func(item ref) Status
	setInteractionAllowed func(allowed uint8) Status

	keyCallbacks, valueCallbacks uintptr

	class, genericPassword, service, account, label, description ref
	valueData, returnData, returnAttributes, matchLimit, all     ref
	returnRef                                                    ref
	internetPassword, server, path, protocol, https              ref
	modificationDate                                             ref
	// dataProtection is 0 before macOS 10.15.
	dataProtection ref
	yes, no        ref
}

// load opens the libraries and switches off the dialogs that Security opens when
// a keychain is locked or an item belongs to another program. Nobody expects
// one from a git command, and without a person it would wait for ever. The
// option of single calls (kSecUseAuthenticationUI) has no effect on keychains in
// files.
func load(paths Libraries) (*library, error) {
	l := &library{}
	foundation, err := open(paths.CoreFoundation)
	if err != nil {
		return nil, err
	}
	security, err := open(paths.Security)
	if err != nil {
		return nil, err
	}
	foundation.functions(l.foundationFunctions())
	security.functions(l.securityFunctions())
	foundation.addresses(map[string]*uintptr{
		"kCFTypeDictionaryKeyCallBacks":   &l.keyCallbacks,
		"kCFTypeDictionaryValueCallBacks": &l.valueCallbacks,
	})
	foundation.constants(map[string]*ref{"kCFBooleanTrue": &l.yes, "kCFBooleanFalse": &l.no})
	security.constants(l.securityConstants())
	security.optional(map[string]any{
		"SecKeychainGetStatus":  &l.secKeychainGetStatus,
		"SecKeychainItemDelete": &l.secKeychainItemDelete,
	}, map[string]*ref{"kSecUseDataProtectionKeychain": &l.dataProtection})
	for _, o := range []*object{foundation, security} {
		if o.err != nil {
			return nil, o.err
		}
	}
	if status := l.setInteractionAllowed(0); status != success { // mutation: no dialog of the keychain
		return nil, fmt.Errorf("switching off the keychain's dialogs: %w", status)
	}
	return l, nil
}

func (l *library) foundationFunctions() map[string]any {
	return map[string]any{
		"CFRelease": &l.cfRelease, "CFGetTypeID": &l.cfGetTypeID,
		"CFStringGetTypeID": &l.cfStringGetTypeID, "CFStringCreateWithBytes": &l.cfStringCreate,
		"CFStringGetLength": &l.cfStringGetLength, "CFStringGetCString": &l.cfStringGetCString,
		"CFStringGetMaximumSizeForEncoding": &l.cfStringMaximumSize,
		"CFDataGetTypeID":                   &l.cfDataGetTypeID, "CFDataCreate": &l.cfDataCreate,
		"CFDataGetLength": &l.cfDataGetLength, "CFDataGetBytePtr": &l.cfDataGetBytePtr,
		"CFDictionaryCreate": &l.cfDictionaryCreate, "CFDictionaryGetValue": &l.cfDictionaryGetValue,
		"CFArrayGetCount": &l.cfArrayGetCount, "CFArrayGetValueAtIndex": &l.cfArrayGetValueAt,
		"CFDateGetTypeID": &l.cfDateGetTypeID, "CFDateGetAbsoluteTime": &l.cfDateGetAbsoluteTime,
	}
}

func (l *library) securityFunctions() map[string]any {
	return map[string]any{
		"SecItemAdd": &l.secItemAdd, "SecItemCopyMatching": &l.secItemCopyMatching,
		"SecItemUpdate": &l.secItemUpdate, "SecItemDelete": &l.secItemDelete,
		"SecKeychainSetUserInteractionAllowed": &l.setInteractionAllowed,
	}
}

func (l *library) securityConstants() map[string]*ref {
	return map[string]*ref{
		"kSecClass": &l.class, "kSecClassGenericPassword": &l.genericPassword,
		"kSecClassInternetPassword": &l.internetPassword, "kSecAttrServer": &l.server,
		"kSecAttrProtocol": &l.protocol, "kSecAttrProtocolHTTPS": &l.https, "kSecAttrPath": &l.path,
		"kSecAttrModificationDate": &l.modificationDate,
		"kSecAttrService":          &l.service, "kSecAttrAccount": &l.account,
		"kSecAttrLabel": &l.label, "kSecAttrDescription": &l.description,
		"kSecValueData": &l.valueData, "kSecReturnData": &l.returnData, "kSecReturnAttributes": &l.returnAttributes,
		"kSecMatchLimit": &l.matchLimit, "kSecMatchLimitAll": &l.all, "kSecReturnRef": &l.returnRef,
	}
}

// object is an open library. err is its first missing symbol.
type object struct {
	handle uintptr
	err    error
}

func open(path string) (*object, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", path, err)
	}
	return &object{handle: handle}, nil
}

func (o *object) address(name string) uintptr {
	address, err := purego.Dlsym(o.handle, name)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("looking for %s: %w", name, err)
	}
	return address
}

func (o *object) functions(functions map[string]any) {
	for name, function := range functions {
		if address := o.address(name); address != 0 {
			purego.RegisterFunc(function, address)
		}
	}
}

// optional looks for symbols that a version of macOS may lack.
func (o *object) optional(functions map[string]any, constants map[string]*ref) {
	before := o.err
	o.functions(functions)
	o.constants(constants)
	o.err = before
}

func (o *object) addresses(addresses map[string]*uintptr) {
	for name, address := range addresses {
		*address = o.address(name)
	}
}

// constants reads variables that hold a reference. The library owns these.
func (o *object) constants(constants map[string]*ref) {
	for name, constant := range constants {
		if address := o.address(name); address != 0 {
			*constant = **(**ref)(unsafe.Pointer(&address))
		}
	}
}
