package sandbox

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// start makes a world with one user and one phone.
func start(t *testing.T) (*World, *User, *Device) {
	t.Helper()
	needGit(t)
	w, err := Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	u := w.AddUser("alice")
	return w, u, u.AddDevice("arn:aws:iam::123456789012:mfa/phone")
}

// needGit skips the test if there is no git, as under Wine.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil && runtime.GOOS == "windows" {
		t.Skip(err)
	}
}

func TestAnswersTellTheWorldsTime(t *testing.T) {
	w, _, _ := start(t)
	w.Clock.SetOffset(-time.Hour)
	response, err := w.HTTPClient().Head("https://git-codecommit.us-east-1.amazonaws.com/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	date, err := http.ParseTime(response.Header.Get("Date"))
	if off := time.Since(date); err != nil || off < 59*time.Minute || off > 61*time.Minute {
		t.Errorf("Date %v is off by %v: %v", date, off, err)
	}
	if len(response.Header.Values("Date")) != 1 || response.Header.Get("x-amzn-RequestId") == "" {
		t.Error(response.Header)
	}
}

func TestEnvIsFromNothing(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHECALLER")
	t.Setenv("GIT_ASKPASS", "caller")
	t.Setenv("NO_PROXY", "*")
	w, _, _ := start(t)
	home := t.TempDir()
	env := strings.Join(w.Env(home), "\n")
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "GIT_ASKPASS", "NO_PROXY", "GIT_TERMINAL_PROMPT"} {
		if strings.Contains(env, name+"=") {
			t.Errorf("%s is in the environment", name)
		}
	}
	if !strings.Contains(env, "HOME="+home) || !strings.Contains(env, "PATH="+os.Getenv("PATH")) {
		t.Error(env)
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	w, u, _ := start(t)
	request, _ := http.NewRequest("POST", "https://sts.us-east-1.amazonaws.com/?secret", strings.NewReader("Action=secret"))
	request.Header.Set("Authorization", u.SecretAccessKey)
	response, err := w.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	got := w.Requests()
	if len(got) != 1 || got[0].Action != "" || got[0].Status != 400 || got[0].Host != "sts.us-east-1.amazonaws.com" {
		t.Errorf("%+v", got)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	needGit(t)
	before := runtime.NumGoroutine()
	w, err := Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.Inject(Fault{Service: STS, Trouble: Hang})
	hung := make(chan error, 1)
	go func() {
		_, err := w.HTTPClient().Post("https://sts.us-east-1.amazonaws.com/", "", nil)
		hung <- err
	}()
	response, err := w.HTTPClient().Get("https://iam.amazonaws.com/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()              // the connection stays, idle
	time.Sleep(100 * time.Millisecond) // by now it hangs; if not, Close has less to do
	w.Close()
	w.Close() // a second time is no harm
	select {
	case err := <-hung:
		if err == nil {
			t.Error("a hanging request was answered")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("a hanging request outlives Close")
	}
	for n := 0; runtime.NumGoroutine() > before; n++ {
		if n == 200 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines stay:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestClock(t *testing.T) {
	w, u, _ := start(t)
	s := getSession(t, u, nil)
	get := func() string {
		_, err := sts.NewFromConfig(u.config()).GetSessionToken(t.Context(), nil)
		var apiError smithy.APIError
		if !errors.As(err, &apiError) {
			return ""
		}
		return apiError.ErrorCode() + " " + apiError.ErrorMessage()
	}
	for offset, want := range map[time.Duration]string{
		4 * time.Minute: "", -4 * time.Minute: "",
		6 * time.Minute:  "SignatureDoesNotMatch Signature expired: ",
		-6 * time.Minute: "SignatureDoesNotMatch Signature not yet current: ",
	} {
		w.Clock.SetOffset(offset)
		if got := get(); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%v off: %q", offset, got)
		}
	}
	// A session expires for a client that knows the world's time. The SDK corrects
	// its clock itself if it may try twice.
	w.Clock.SetOffset(13 * time.Hour)
	c := sessionConfig(w, s)
	c.RetryMaxAttempts = 2
	_, err := sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, 403, "ExpiredToken", "The security token included in the request is expired")
}
