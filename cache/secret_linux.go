package cache

import (
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// secret is the Secret Service's struct (oayays).
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func (e *exchange) secret(item dbus.ObjectPath) ([]byte, error) {
	session, err := e.opened()
	if err != nil {
		return nil, err
	}
	answer, err := e.await(e.send(item, itemInterface+".GetSecret", session))
	if err != nil {
		return nil, fmt.Errorf("reading from the Secret Service: %w", err)
	}
	return value(answer)
}

// value returns the Value of the one secret of an answer. By hand: Store would copy it byte by byte, by reflection, and
// that is an eighth of what an answer to git takes.
func value(answer []any) ([]byte, error) {
	if len(answer) == 1 {
		if s, ok := answer[0].([]any); ok && len(s) == 4 {
			if data, ok := s[2].([]byte); ok {
				return data, nil
			}
		}
	}
	return nil, errors.New("reading from the Secret Service: the answer is not a secret")
}
