package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestIAM(t *testing.T) {
	w, u, d := start(t)
	fido := u.AddDevice("arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGH")
	list := func(c aws.Config) (*iam.ListMFADevicesOutput, error) {
		return iam.NewFromConfig(c).ListMFADevices(t.Context(), &iam.ListMFADevicesInput{})
	}
	out, err := list(u.config())
	if err != nil || len(out.MFADevices) != 2 || *out.MFADevices[0].SerialNumber != d.Serial ||
		*out.MFADevices[1].SerialNumber != fido.Serial || *out.MFADevices[1].UserName != "alice" || out.MFADevices[0].EnableDate.IsZero() {
		t.Errorf("%+v %v", out, err)
	}
	me, err := iam.NewFromConfig(u.config()).GetUser(t.Context(), nil)
	if err != nil || *me.User.UserName != "alice" || *me.User.Arn != u.ARN() {
		t.Errorf("%+v %v", me, err)
	}
	_, err = list(sessionConfig(w, getSession(t, u, nil)))
	wantError(t, err, 403, "InvalidClientTokenId", badKey)
	if _, err := list(sessionConfig(w, getSession(t, u, d))); err != nil {
		t.Error(err)
	}
	u.SetPolicies()
	_, err = list(u.config())
	wantError(t, err, 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListMFADevices on resource: user alice because no identity-based policy allows the iam:ListMFADevices action")
}
