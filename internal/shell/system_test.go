package shell

import "testing"

func TestSystem(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{System("linux").Quote("a b"), "'a b'"},
		{Windows.Quote("a b"), `"a b"`},
		{System("darwin").Set("A", "DIR"), "export A=DIR"},
		{Windows.Set("A", "DIR"), "set the variable A to DIR"},
		{System("linux").Unset("A", "B"), "unset A B"},
		{Windows.Unset("A", "B"), "take A, B out of the environment"},
		{System("linux").MakeFolder("a b"), "mkdir -p 'a b'"},
		{Windows.MakeFolder(`C:\a b`), `mkdir "C:\a b"`},
		{System("linux").Show("a", "b"), "ls -lL a b"},
		{Windows.Show("a"), "dir a"},
		{System("linux").HomeFile(".aws/config"), "~/.aws/config"},
		{Windows.HomeFile(".aws/config"), `%UserProfile%\.aws\config`},
		{System("linux").Administrator("x"), "sudo x"},
		{Windows.Administrator("x"), "x, as an administrator"},
		{Linux.EraseCredential("libsecret", "h", "p"), `printf 'protocol=https\nhost=h\npath=p\n\n' | git credential-libsecret erase`},
		{MacOS.EraseCredential("store", "h", ""), `printf 'protocol=https\nhost=h\n\n' | git credential-store erase`},
		{Linux.EraseCredential("store --file ~/f", "h", ""), `printf 'protocol=https\nhost=h\n\n' | git credential-store --file ~/f erase`},
		{Windows.EraseCredential("store", "h", ""), `take h out of %UserProfile%\.git-credentials`},
		{Windows.EraseCredential("store --file ~/f", "h", ""), "take h out of the file of git-credential-store --file ~/f"},
		{MacOS.EraseCredential("osxkeychain", "h", "p"), "in Keychain Access, look for h and delete the one of that user name"},
		{Windows.EraseCredential("manager", "h", ""), "cmdkey /delete:git:https://h"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}
