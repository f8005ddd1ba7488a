package cli

// noFollow is nothing on Windows, whose os.OpenFile knows no such flag: what
// was opened is compared with what has the name.
const noFollow = 0
