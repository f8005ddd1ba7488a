package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
)

// Env is the environment for a child process that is to live in the world, of
// a user whose home folder is home. It is built from nothing: whatever AWS_,
// GIT_ or proxy variables the caller has stay out. Keys are not in it, they are
// in home/.aws (User.WriteAWSFiles).
//
// GIT_TERMINAL_PROMPT is left to the caller: 0 would also forbid the product to
// ask at the terminal.
func (w *World) Env(home string) []string {
	proxy := w.ProxyURL()
	env := append(systemEnv(w.temporary()),
		"HOME="+home,                     // ~/.gitconfig, ~/.aws
		"LANG=C",                         // git's messages, which tests compare
		"HTTPS_PROXY="+proxy,             // leads AWS's host names here
		"AWS_CA_BUNDLE="+w.CAFile(),      // AWS SDKs trust the world's certificates
		"GIT_SSL_CAINFO="+w.CAFile(),     // and so does git
		"GIT_CONFIG_NOSYSTEM=1",          // /etc/gitconfig and Xcode's bring helpers of their own
		"AWS_EC2_METADATA_DISABLED=true", // SDKs look for an instance role at 169.254.169.254, past the proxy
	)
	if runtime.GOOS != "windows" {
		return append(env, "https_proxy="+proxy) // what curl's manual names first; Windows has one name for both
	}
	return append(env,
		"USERPROFILE="+home, // what os.UserHomeDir reads there
		"APPDATA="+filepath.Join(home, "AppData", "Roaming"),
		"LOCALAPPDATA="+filepath.Join(home, "AppData", "Local"),
		// schannel, the default of Git for Windows, does not read GIT_SSL_CAINFO.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.sslBackend", "GIT_CONFIG_VALUE_0=openssl")
}

// systemEnv is what any program needs in order to start.
func systemEnv(temporary string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), // git, sh, and the program under test
		"TMPDIR=" + temporary,       // files left behind go with the world
	}
	if runtime.GOOS != "windows" {
		return env
	}
	env = append(env, "TEMP="+temporary, "TMP="+temporary)
	// SystemRoot: no sockets without it. The others: how programs are found and run.
	for _, name := range []string{"SystemRoot", "SystemDrive", "WINDIR", "ComSpec", "PATHEXT"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	return env
}

// ProxyURL is where the world's proxy listens.
func (w *World) ProxyURL() string { return "http://" + w.listener.address.String() }

// CAFile is the certificate that clients are to trust.
func (w *World) CAFile() string { return filepath.Join(w.dir, "ca.pem") }

// HTTPClient is a client in the world, for code that runs in the test's own
// process: net/http reads proxy variables only once in a process.
func (w *World) HTTPClient() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(w.authority.certificate)
	proxy := &url.URL{Scheme: "http", Host: w.listener.address.String()}
	return &http.Client{Transport: &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
}
