package sandbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

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
	// Expiry of a session, by a client that knows the world's time. The SDK
	// corrects its clock by itself when told to try twice.
	w.Clock.SetOffset(13 * time.Hour)
	c := sessionConfig(w, s)
	c.RetryMaxAttempts = 2
	_, err := sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, 403, "ExpiredToken", "The security token included in the request is expired")
}
