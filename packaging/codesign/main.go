// Command codesign signs a program for Intel Macs ad hoc. Go's linker signs only
// programs for Apple silicon. macOS identifies an unsigned program by a checksum
// of its first 16 KiB, and treats all unsigned programs alike when it decides who
// may read an item in the keychain.
//
// It is a module of its own, so that its dependencies are not those of the
// program.
//
//	go run . FILE          signs the file in place
//	go run . -check FILE   fails if the file has no signature
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
	check := flag.Bool("check", false, "only check whether the program is signed")
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

// sign signs the file without a certificate, which is an ad-hoc signature.
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
