package winetest

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
)

// The only function that Go programs import from bcryptprimitives.dll, and the
// older function that does the same (RtlGenRandom).
const (
	library   = "bcryptprimitives.dll"
	export    = "ProcessPrng"
	forwardTo = "ADVAPI32.SystemFunction036"
)

const (
	fileAlignment  = 0x200
	sectionAddress = 0x1000
)

// forwarder returns a library without code that forwards its export to another
// library: if an export points into the export section, the loader reads there
// the name of the function to use.
func forwarder() []byte {
	exports := exportSection()
	var out bytes.Buffer
	out.WriteString("MZ")
	out.Write(make([]byte, 0x3a))
	write(&out, uint32(0x40)) // the offset of "PE"
	out.WriteString("PE\x00\x00")
	write(&out, pe.FileHeader{
		Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1,
		SizeOfOptionalHeader: uint16(binary.Size(pe.OptionalHeader64{})),
		Characteristics:      pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE | pe.IMAGE_FILE_DLL,
	})
	header := pe.OptionalHeader64{
		Magic: 0x20b, SizeOfInitializedData: fileAlignment, BaseOfCode: sectionAddress,
		ImageBase: 0x180000000, SectionAlignment: 0x1000, FileAlignment: fileAlignment,
		MajorOperatingSystemVersion: 6, MajorSubsystemVersion: 6,
		SizeOfImage: 2 * sectionAddress, SizeOfHeaders: fileAlignment, Subsystem: pe.IMAGE_SUBSYSTEM_WINDOWS_CUI,
		DllCharacteristics: pe.IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
		SizeOfStackReserve: 1 << 20, SizeOfStackCommit: 0x1000, SizeOfHeapReserve: 1 << 20, SizeOfHeapCommit: 0x1000,
		NumberOfRvaAndSizes: 16,
	}
	header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT] = pe.DataDirectory{VirtualAddress: sectionAddress, Size: uint32(len(exports))}
	write(&out, header)
	write(&out, pe.SectionHeader32{
		Name: [8]uint8{'.', 'e', 'd', 'a', 't', 'a'}, VirtualSize: uint32(len(exports)), VirtualAddress: sectionAddress,
		SizeOfRawData: fileAlignment, PointerToRawData: fileAlignment,
		Characteristics: pe.IMAGE_SCN_CNT_INITIALIZED_DATA | pe.IMAGE_SCN_MEM_READ,
	})
	out.Write(make([]byte, fileAlignment-out.Len()))
	out.Write(exports)
	out.Write(make([]byte, 2*fileAlignment-out.Len()))
	return out.Bytes()
}

// exportSection returns the export directory, its tables of one entry each, and
// the names.
func exportSection() []byte {
	const (
		tables   = 40 // behind the directory: the function's address, its name's, its number
		libraryN = tables + 4 + 4 + 2
		exportN  = libraryN + uint32(len(library)) + 1
		forwardN = exportN + uint32(len(export)) + 1
	)
	var out bytes.Buffer
	write(&out, struct {
		Characteristics, Time, Version, Name, Base, Functions, Names uint32
		FunctionTable, NameTable, NumberTable                        uint32
		Function, FunctionName                                       uint32
		Number                                                       uint16
	}{
		Name: sectionAddress + libraryN, Base: 1, Functions: 1, Names: 1,
		FunctionTable: sectionAddress + tables, NameTable: sectionAddress + tables + 4, NumberTable: sectionAddress + tables + 8,
		Function: sectionAddress + forwardN, FunctionName: sectionAddress + exportN,
	})
	out.WriteString(library + "\x00" + export + "\x00" + forwardTo + "\x00")
	return out.Bytes()
}

// write can't fail: a buffer takes everything, and all types have a fixed size.
func write(out *bytes.Buffer, value any) {
	if err := binary.Write(out, binary.LittleEndian, value); err != nil {
		panic(err)
	}
}
