package sandbox

import (
	"encoding/json"
	"net/http"
	"time"
)

// PortalToken gives an access token of IAM Identity Center for a role: what
// "aws sso login" leaves in ~/.aws/sso/cache.
func (r *Role) PortalToken() string {
	token := randomText(80)
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.world.portal[token] = r
	return token
}

// servePortal is GetRoleCredentials of IAM Identity Center's portal, the one
// call by which SDKs turn an access token into keys.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
func (w *World) servePortal(rw *recorder, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	w.mu.Lock()
	defer w.mu.Unlock()
	query := r.URL.Query()
	role := w.portal[r.Header.Get("x-amz-sso_bearer_token")]
	if r.URL.Path != "/federation/credentials" || role == nil ||
		query.Get("account_id") != role.home.account || query.Get("role_name") != role.home.name {
		rw.Header().Set("x-amzn-ErrorType", "UnauthorizedException")
		rw.WriteHeader(http.StatusUnauthorized)
		rw.Write([]byte(`{"message":"Session token not found or invalid"}`))
		return
	}
	rw.action = "GetRoleCredentials"
	lifetime := time.Hour
	if w.settings.roleLifetime > 0 {
		lifetime = w.settings.roleLifetime
	}
	s := w.newSession(session{owner: role.session("alice@example.com"), role: role}, lifetime)
	answer, err := json.Marshal(map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": s.keyID, "secretAccessKey": s.secret, "sessionToken": s.token, "expiration": s.expires.UnixMilli()}})
	if err != nil {
		panic(err) // strings and a number: cannot happen
	}
	rw.Write(answer)
}
