package sandbox

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestFaults(t *testing.T) {
	w, u, d := start(t)
	get := func(code *string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		input := &sts.GetSessionTokenInput{TokenCode: code}
		if code != nil {
			input.SerialNumber = &d.Serial
		}
		_, err := sts.NewFromConfig(u.config()).GetSessionToken(ctx, input)
		return err
	}
	w.Throttle(STS, "GetSessionToken", 2)
	wantError(t, get(nil), 400, "Throttling", "Rate exceeded")
	wantError(t, get(nil), 400, "Throttling", "Rate exceeded")
	if get(nil) != nil {
		t.Error("a fault stays past its times")
	}
	code, _ := d.NextUnspent()
	w.Inject(Fault{Service: STS, Action: "GetSessionToken", AfterWork: true})
	wantError(t, get(&code), 500, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.")
	wantError(t, get(&code), 403, "AccessDenied", badCode)
	w.Inject(Fault{Service: STS, Action: "GetCallerIdentity"})
	w.Inject(Fault{Service: IAM, Trouble: BadTLS})
	if err := get(nil); err != nil {
		t.Error("a fault of another action struck:", err)
	}
	w.ClearFaults()
	for trouble, want := range map[Trouble]string{Hang: "deadline", Reset: "connection", BadTLS: "certificate is valid for other-name.example"} {
		w.Inject(Fault{Service: STS, Trouble: trouble})
		if err := get(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	w.SetDelay(STS, 300*time.Millisecond)
	if began := time.Now(); get(nil) != nil || time.Since(began) < 300*time.Millisecond {
		t.Error("no delay")
	}
}

func TestKnobsWhileServing(t *testing.T) {
	w, u, d := start(t)
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			for range 10 {
				code, _ := d.NextUnspent()
				sts.NewFromConfig(u.config()).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &d.Serial, TokenCode: &code})
				iam.NewFromConfig(u.config()).ListMFADevices(t.Context(), &iam.ListMFADevicesInput{})
			}
		})
	}
	for i := range 50 {
		d.Refresh()
		w.Clock.Advance(time.Second)
		w.Throttle(STS, "", 1)
		w.ClearFaults()
		w.SetDelay(IAM, time.Millisecond)
		w.SetTokenSize(400 + i)
		w.SetSessionLifetime(time.Hour)
		w.SetRegionActive("us-east-1", i%2 == 0)
		u.SetKeyActive(u.AccessKeyID, i%2 == 0)
		u.SetPolicies(w.policies...)
		u.AddDevice("GAHT12345678")
		w.AddUser("another")
		u.GitCredential()
	}
	calls.Wait()
	if n := w.Count(STS, "GetSessionToken"); n != 40 {
		t.Errorf("%d calls counted, not 40: %q", n, w.Refused())
	}
}
