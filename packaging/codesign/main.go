// Command codesign gives a program for Macs with Intel's processor an ad-hoc
// signature, as Go's linker gives those for Apple's. macOS knows an unsigned
// program by a checksum of its first 16 KiB, and takes all of them for one when
// it decides who may read an item of the keychain.
//
// It is a module of its own, so that what it needs is not a requirement of the
// program.
//
//	go run . FILE          signs it in its place
//	go run . -check FILE   fails unless it is signed, ad hoc or not
package main

import (
	"debug/macho"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/goreleaser/quill/quill"
)

func main() {
	check := flag.Bool("check", false, "only say whether the program is signed")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: codesign [-check] FILE")
		os.Exit(2)
	}
	do := sign
	if *check {
		do = signed
	}
	if err := do(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "codesign:", err)
		os.Exit(1)
	}
}

// sign uses no signing material: ad hoc.
func sign(file string) error {
	return quill.Sign(quill.SigningConfig{Path: file, Identity: "git-credential-mfa"})
}

// signed looks for the load command of a signature.
func signed(file string) error {
	const codeSignature = 0x1d // LC_CODE_SIGNATURE, mach-o/loader.h
	program, err := macho.Open(file)
	if err != nil {
		return err
	}
	defer program.Close()
	for _, load := range program.Loads {
		if program.ByteOrder.Uint32(load.Raw()) == codeSignature {
			return nil
		}
	}
	return errors.New(file + " is not signed")
}
