package session

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// TestUsable: what could not be answered to git is not kept.
func TestUsable(t *testing.T) {
	credentials := func(id, secret, token string) *types.Credentials {
		return &types.Credentials{AccessKeyId: aws.String(id), SecretAccessKey: aws.String(secret),
			SessionToken: aws.String(token), Expiration: aws.Time(time.Now())}
	}
	id, secret, token := "ASIAEXAMPLEEXAMPLE42", "se/cr+et=", strings.Repeat("Fwo/GX+%=", 200)
	if !usable(credentials(id, secret, token)) {
		t.Error("a good one is refused")
	}
	noEnd := credentials(id, secret, token)
	noEnd.Expiration = nil
	bad := []*types.Credentials{nil, {}, noEnd, credentials("AKIAEXAMPLEEXAMPLE42", secret, token), credentials("ASIAEXAMPLE%42", secret, token)}
	for _, extra := range []string{"\n", "\r", "\x00", " ", "\t", "\x1b", "\x7f", "é", "\u202e"} {
		bad = append(bad, credentials(id+extra, secret, token), credentials(id, secret+extra+"x", token), credentials(id, secret, token+extra))
	}
	bad = append(bad, credentials("", secret, token), credentials(id, "", token), credentials(id, secret, ""))
	for i, c := range bad {
		if usable(c) {
			t.Errorf("%d is taken", i)
		}
	}
}
