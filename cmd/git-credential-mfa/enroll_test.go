//go:build unix

package main

import (
	"image"
	"image/color"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// newcomer is a lab whose user has an access key, and no MFA device: what an
// administrator hands to a new employee.
func newcomer(t *testing.T) *lab {
	l := newLab(t)
	l.user = l.world.AddUser("newcomer")
	l.device = nil
	l.writeAWSFiles(map[string]string{"region": region})
	l.setenv("LANG", "C.UTF-8")
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
	return l
}

// enrolling runs enroll on a terminal of 80 columns and 24 lines, with its
// stdout and stderr in a file, as one may have them.
func (l *lab) enrolling(options string) (*screen, *exec.Cmd) {
	l.t.Helper()
	l.write("trace", "")
	s, cmd := l.onTerminal("git-credential-mfa enroll " + options + " >out 2>&1")
	if err := pty.Setsize(s.file, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		l.t.Fatal(err)
	}
	return s, cmd
}

const asksFirst = "the code that the app shows now (6 digits): "

// scan reads the QR code off the screen, as a phone does.
func (l *lab) scan(s *screen) *sandbox.Device {
	l.t.Helper()
	s.shows(asksFirst)
	before, _, _ := strings.Cut(s.String(), asksFirst)
	_, drawn, _ := strings.Cut(before, "on your phone:\r\n\r\n")
	address, err := url.Parse(readQR(l.t, strings.ReplaceAll(drawn, "\r", "")))
	if err != nil || address.Scheme+"://"+address.Host != "otpauth://totp" || address.Path != "/AWS:newcomer@"+sandbox.Account || address.Query().Get("issuer") != "AWS" {
		l.t.Fatalf("%v, %v", address, err)
	}
	return l.phoneOf(address.Query().Get("secret"))
}

func (l *lab) phoneOf(seed string) *sandbox.Device {
	l.t.Helper()
	phone := l.world.Phone(seed)
	if phone == nil {
		l.t.Fatal("AWS knows no device with the key that the screen shows")
	}
	return phone
}

var sequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// readQR reads a code that is drawn in half blocks, dark on light.
func readQR(t testing.TB, drawn string) string {
	t.Helper()
	lines := strings.Split(strings.TrimRight(sequence.ReplaceAllString(drawn, ""), "\n"), "\n")
	const point, margin = 4, 4
	picture := image.NewGray(image.Rect(0, 0, (len([]rune(lines[0]))+2*margin)*point, (2*len(lines)+2*margin)*point))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for y, line := range lines {
		for x, r := range []rune(line) {
			for half, inked := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				for i := range point * point {
					if inked {
						picture.SetGray((x+margin)*point+i%point, (2*y+half+margin)*point+i/point, color.Gray{})
					}
				}
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil { // this reader does not find one code in 200 in a picture, whoever has made it
		result, err = qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	}
	if err != nil {
		t.Fatalf("reading the QR code: %v\n%s", err, drawn)
	}
	return result.GetText()
}

// seedNowhere looks for the key of a device, also in groups as it is shown by
// --text, in every file of the lab but the screen's own.
func (l *lab) seedNowhere(phone *sandbox.Device, seed string) {
	l.t.Helper()
	err := filepath.Walk(l.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(strings.ReplaceAll(string(text), " ", ""), seed) {
			l.t.Errorf("%s holds the key of %s", path, phone.Serial)
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func seedOf(l *lab, serial string) string {
	for _, secret := range l.world.Secrets() {
		if phone := l.world.Phone(secret); phone != nil && phone.Serial == serial {
			return secret
		}
	}
	l.t.Fatalf("no key of %s", serial)
	return ""
}

// A user who has nothing but an access key enrolls a phone under ForceMFA, and
// clones, within a minute.
func TestEnrollThenClone(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	start := time.Now()
	s, cmd := l.enrolling("")
	phone := l.scan(s)
	seed := seedOf(l, phone.Serial)
	first, second := phone.TwoCodes()
	s.types(first + "\n")
	s.shows("the next code, when it changes (within 30 seconds): ")
	s.types(first + "\n") // typed twice: seen here
	s.shows("six digits, and not the same code again: ")
	s.types(second + "\n")
	l.settled(cmd)
	if l.note("status") != "0\n" || len(l.user.Devices()) != 1 || phone.Serial != "arn:aws:iam::123456789012:mfa/newcomer" {
		t.Fatalf("status %s, devices %v\n%s\n%s", l.note("status"), l.user.Devices(), s, l.note("out"))
	}
	for _, want := range []string{phone.Serial + " is the MFA device of newcomer now", "hint: next, if git does not ask this helper yet: git-credential-mfa configure", "git clone https://" + host} {
		if !strings.Contains(l.note("out"), want) {
			t.Errorf("does not say %q:\n%s", want, l.note("out"))
		}
	}
	l.seedNowhere(phone, seed)
	l.device = phone
	l.askpass()
	l.phone()
	if r := l.run("", "git", "clone", "-q", l.url, filepath.Join(l.home, "cloned")); r.status != 0 {
		t.Error(r)
	}
	if took := time.Since(start); took > slack*time.Minute {
		t.Errorf("it took %v", took)
	}
	if r := l.run("", "git-credential-mfa", "--prompt", "tty", "enroll"); r.status != 1 || !strings.Contains(r.stderr, "run in a terminal: git-credential-mfa enroll") {
		t.Error(r)
	}
	s, cmd = l.enrolling("")
	l.settled(cmd)
	if out := l.note("out"); l.note("status") != "1\n" || !strings.Contains(out, "there is already an MFA device that gives codes: "+phone.Serial) ||
		!strings.Contains(out, "hint: to start a session with it: git-credential-mfa login") || len(l.world.Unassigned()) != 0 {
		t.Errorf("%s\n%s", s, out)
	}
}

// letItDelete gives the user ForceMFA as AWS's tutorial had it until 2019, which
// let a device that is nobody's be deleted without MFA.
func (l *lab) letItDelete() {
	l.t.Helper()
	old := strings.Replace(string(sandbox.ForceMFA), `"iam:CreateVirtualMFADevice",
                "iam:EnableMFADevice"`, `"iam:CreateVirtualMFADevice",
                "iam:DeleteVirtualMFADevice",
                "iam:EnableMFADevice"`, 1)
	if old == string(sandbox.ForceMFA) {
		l.t.Fatal("ForceMFA is not as this test knows it")
	}
	forced, err := policy.Parse("force-mfa-2018.json", []byte(old))
	if err != nil {
		l.t.Fatal(err)
	}
	all, err := policy.Parse("all", []byte(`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`))
	if err != nil {
		l.t.Fatal(err)
	}
	l.user.SetPolicies(forced, all)
}

// Whoever gives up leaves nothing behind where the policy lets a device be
// deleted; where it does not, as today's ForceMFA, is told what is left.
func TestEnrollGivenUp(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		types []string // for the questions in turn
		says  string
	}{
		"Ctrl-C":               {[]string{"\x03"}, "error: enrolling an MFA device: cancelled"},
		"Ctrl-C at the second": {[]string{"000000\n", "\x03"}, "error: enrolling an MFA device: cancelled"},
		"refused codes": {[]string{"000000\n", "000001\n", "000000\n", "000001\n", "000000\n", "000001\n"},
			"error: enrolling an MFA device: the codes are not two in a row of this device"},
	}
	for name, c := range cases {
		for _, mayDelete := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				l := newcomer(t)
				if mayDelete {
					l.letItDelete()
				}
				s, cmd := l.enrolling("")
				phone := l.scan(s)
				seed := seedOf(l, phone.Serial)
				for i, typed := range c.types {
					s.showsTimes([]string{asksFirst, "the next code, when it changes (within 30 seconds): "}[i%2], i/2+1)
					s.types(typed)
				}
				l.settled(cmd)
				says, left := "deleted the device "+phone.Serial+" again", 0
				if !mayDelete {
					says, left = "the device "+phone.Serial+" belongs to no user, and stays until an administrator deletes it: aws iam delete-virtual-mfa-device --serial-number "+phone.Serial, 1
				}
				out, status := l.note("out"), "1\n"
				if strings.HasPrefix(name, "Ctrl-C") {
					status = "130\n"
				}
				if l.note("status") != status || !strings.Contains(out, c.says) || !strings.Contains(out, says) || !strings.Contains(out, "hint: ") {
					t.Errorf("%s\n%s", s, out)
				}
				if len(l.world.Unassigned()) != left || len(l.user.Devices()) != 0 {
					t.Errorf("left: %v, %v", l.world.Unassigned(), l.user.Devices())
				}
				l.seedNowhere(phone, seed)
			})
		}
	}
}

// A second code that is wrong costs another two, not the device.
func TestEnrollSecondCodeWrong(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	s, cmd := l.enrolling("")
	phone := l.scan(s)
	first, _ := phone.TwoCodes()
	s.types(first + "\n")
	s.shows("the next code")
	s.types("000000\n")
	s.showsTimes(asksFirst, 2)
	first, second := phone.TwoCodes()
	s.types(first + "\n")
	s.showsTimes("the next code", 2)
	s.types(second + "\n")
	l.settled(cmd)
	if out := l.note("out"); l.note("status") != "0\n" || !strings.Contains(out, "the codes are not two in a row of this device: wait for a new code") {
		t.Errorf("%s\n%s", s, out)
	}
}

// typesCodes answers both questions.
func (s *screen) typesCodes(phone *sandbox.Device) {
	s.t.Helper()
	first, second := phone.TwoCodes()
	s.types(first + "\n")
	s.shows("the next code")
	s.types(second + "\n")
}

// showsTimes waits until a text is there so many times.
func (s *screen) showsTimes(text string, times int) {
	s.t.Helper()
	for range 2000 {
		if strings.Count(s.String(), text) >= times {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the screen does not show %q %d times:\n%s", text, times, s)
}

// A device that an enrollment before has left is told, and replaced when the
// person and the policy want it; else the new one gets another name.
func TestEnrollLeftOver(t *testing.T) {
	t.Parallel()
	const question = "mfa/newcomer is left over from an unfinished enrollment and belongs to no user: replace it? [y/N] "
	for name, c := range map[string]struct {
		mayDelete bool
		answer    string
		options   string
		serial    string
	}{
		"replaced":           {true, "y\n", "", "newcomer"},
		"replaced by --yes":  {true, "", "--yes", "newcomer"},
		"not replaced":       {true, "n\n", "", "newcomer-2"},
		"can not be deleted": {false, "y\n", "", "newcomer-2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newcomer(t)
			if c.mayDelete {
				l.letItDelete()
			}
			l.world.AddUnassigned("newcomer")
			l.world.AddUnassigned("somebody")
			s, cmd := l.enrolling(c.options)
			if c.answer != "" {
				s.shows(question)
				s.types(c.answer)
			}
			phone := l.scan(s)
			s.typesCodes(phone)
			l.settled(cmd)
			if l.note("status") != "0\n" || !strings.HasSuffix(phone.Serial, ":mfa/"+c.serial) {
				t.Errorf("%s\n%s\n%s", phone.Serial, s, l.note("out"))
			}
			if c.serial != "newcomer" && !strings.Contains(l.note("out"), "mfa/newcomer stays, and the new device gets another name") {
				t.Error(l.note("out"))
			}
		})
	}
}

// The key in letters, for those who have no camera at hand.
func TestEnrollText(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	s, cmd := l.enrolling("--text")
	s.shows(asksFirst)
	shown := regexp.MustCompile(`key      ([A-Z2-7 ]+)\r`).FindStringSubmatch(s.String())
	if shown == nil {
		t.Fatal(s)
	}
	seed := strings.ReplaceAll(shown[1], " ", "")
	phone := l.phoneOf(seed)
	s.typesCodes(phone)
	l.settled(cmd)
	l.seedNowhere(phone, seed)
	if l.note("status") != "0\n" {
		t.Errorf("%s\n%s", s, l.note("out"))
	}
}

// Under a Japanese locale the questions are Japanese, and a no of the person's
// leaves the left-over device of an enrollment that was given up.
func TestEnrollInJapanese(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	l.setenv("LANG", "ja_JP.UTF-8")
	s, cmd := l.enrolling("--text")
	s.shows("スマートフォンの認証アプリで、アカウントを手動で追加してください:")
	s.shows("アプリに今表示されているコード (6 桁): ")
	s.types("12345\n")
	s.shows("6 桁の数字を入力してください: ")
	s.types("\x03")
	l.settled(cmd)
	s, cmd = l.enrolling("--text")
	s.shows("置き換えますか [y/N] ")
	s.types("what\n")
	s.shows("y か n を入力してください: ")
	s.types("\x03")
	l.settled(cmd)
}

// What denies a call, or is no IAM user, is told with how to fix it.
func TestEnrollRefused(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	l.user.SetPolicies()
	s, cmd := l.enrolling("")
	l.settled(cmd)
	if out := l.note("out"); l.note("status") != "1\n" || !strings.Contains(out, "error: enrolling an MFA device: iam:CreateVirtualMFADevice: policies deny it") ||
		!strings.Contains(out, "hint: your administrator must allow it") {
		t.Errorf("%s\n%s", s, out)
	}
}

// The answer to the call that gives the device to the user is lost: it is looked
// for, and the device stays.
func TestEnrollAnswerLost(t *testing.T) {
	t.Parallel()
	l := newcomer(t)
	l.letItDelete()
	l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "EnableMFADevice", AfterWork: true})
	s, cmd := l.enrolling("")
	phone := l.scan(s)
	s.typesCodes(phone)
	l.settled(cmd)
	if out := l.note("out"); l.note("status") != "0\n" || !strings.Contains(out, "is the MFA device of newcomer now") || len(l.user.Devices()) != 1 {
		t.Errorf("%s\n%s", s, out)
	}
}
