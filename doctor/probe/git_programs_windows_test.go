package probe

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Every git that people have on Windows is looked at, once.
func TestGitsOnWindows(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"PATH": dir + `\path;relative`}
	for name, folder := range map[string]string{"LOCALAPPDATA": "local", "USERPROFILE": "profile", "ProgramData": "data",
		"ProgramFiles": "Program Files", "ProgramW6432": "Program Files", "ProgramFiles(x86)": "Program Files (x86)",
		"SCOOP": "own scoop", "SCOOP_GLOBAL": "everybody's scoop"} {
		env[name] = filepath.Join(dir, folder)
	}
	var want []string
	for _, place := range []string{
		`path\git.exe`,
		`local\Programs\Git\cmd\git.exe`,
		`local\GitHubDesktop\app-3.4.1\resources\app\git\cmd\git.exe`,
		`local\Atlassian\SourceTree\git_local\cmd\git.exe`,
		`local\Fork\gitInstance\2.50.1\cmd\git.exe`,
		`local\gitkraken\app-11.4.0\resources\app.asar.unpacked\git\cmd\git.exe`,
		`local\Microsoft\WinGet\Packages\Git.MinGit_Microsoft.Winget.Source_8wekyb3d8bbwe\cmd\git.exe`,
		`own scoop\apps\git\current\cmd\git.exe`,
		`profile\scoop\apps\git\current\cmd\git.exe`,
		`everybody's scoop\apps\git\current\cmd\git.exe`,
		`data\scoop\apps\git\current\cmd\git.exe`,
		`Program Files\Git\cmd\git.exe`,
		`Program Files\Microsoft Visual Studio\18\Community\Common7\IDE\CommonExtensions\Microsoft\TeamFoundation\Team Explorer\Git\cmd\git.exe`,
		`Program Files (x86)\Git\cmd\git.exe`,
		`Program Files (x86)\Microsoft Visual Studio\2019\BuildTools\Common7\IDE\CommonExtensions\Microsoft\TeamFoundation\Team Explorer\Git\cmd\git.exe`,
	} {
		file := filepath.Join(dir, place)
		err := os.MkdirAll(filepath.Dir(file), 0o700)
		if err == nil {
			err = os.WriteFile(file, []byte("MZ"), 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, file)
	}
	if got := gitPrograms("windows", func(name string) string { return env[name] }); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
