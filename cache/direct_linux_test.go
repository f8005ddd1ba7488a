package cache

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// TestReadDirectly: the one item of a key is read without godbus, and what is
// not as usual is left to it.
func TestReadDirectly(t *testing.T) {
	use(t, keyringtest.Start(t))
	service, err := openSecretService(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"x", strings.Repeat("long", 50_000)} {
		if err := service.Set(keyring.Item{Key: "a", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		got, err := service.readDirectly("a")
		if err != nil || string(got) != data {
			t.Errorf("%d bytes of %d, %v", len(got), len(data), err)
		}
	}
	if _, err := service.readDirectly("b"); !errors.Is(err, errOdd) {
		t.Errorf("no item: %v", err)
	}
	service.sockets = []string{"@nobody-listens-here"}
	if _, err := service.readDirectly("a"); err == nil {
		t.Error("no bus, and no error")
	}
}

// TestMessagesAsGodbus: calls are read by godbus as they were meant, and what
// it writes is read as it was meant.
func TestMessagesAsGodbus(t *testing.T) {
	for _, name := range []string{"", "a", "seven b", "eight by", "a longer value, of some bytes"} {
		var body writer
		body.textMap([2]string{"application", name}, [2]string{"key", "k" + name})
		text := call{"org.example", "/a/b", "org.example.I", "Do", "a{ss}"}.message(7, body)
		sent, err := dbus.DecodeMessage(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		want := []any{map[string]string{"application": name, "key": "k" + name}}
		if !reflect.DeepEqual(sent.Body, want) || sent.Serial() != 7 || sent.Headers[dbus.FieldMember].Value() != "Do" || sent.IsValid() != nil {
			t.Errorf("%q: %+v", name, sent)
		}
		answer := &dbus.Message{Type: dbus.TypeMethodReply, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldReplySerial: dbus.MakeVariant(uint32(9)), dbus.FieldSignature: dbus.MakeVariant(dbus.ParseSignatureMust("ao(oayays)")),
			dbus.FieldSender: dbus.MakeVariant(name + ".x"), dbus.FieldDestination: dbus.MakeVariant(":1.2"),
		}, Body: []any{[]dbus.ObjectPath{"/one", "/t"}, secret{"/session", []byte{}, []byte(name), "text"}}}
		var wire bytes.Buffer
		if err := answer.EncodeTo(&wire, binary.LittleEndian); err != nil {
			t.Fatal(err)
		}
		rest, err := restOf(wire.Bytes())
		got, parseErr := parse(wire.Bytes())
		if err != nil || parseErr != nil || headerSize+rest != wire.Len() || got.kind != methodReturn || got.serial != 9 || got.signature != "ao(oayays)" {
			t.Fatalf("%q: %d %+v %v %v", name, rest, got, err, parseErr)
		}
		paths := got.body.texts()
		got.body.align(8)
		session, parameters, value, kind := got.body.text(), got.body.bytes(), got.body.bytes(), got.body.text()
		if !reflect.DeepEqual(paths, []string{"/one", "/t"}) || session != "/session" || len(parameters) != 0 || string(value) != name || kind != "text" || got.body.failed {
			t.Errorf("%q: %q %q %q %q %+v", name, paths, session, value, kind, got.body)
		}
	}
}

// FuzzMessage: whatever comes from the bus, reading it ends, in values or in an
// error.
func FuzzMessage(f *testing.F) {
	f.Add([]byte("l\x02\x01\x01\x08\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00\x05\x01u\x00\x02\x00\x00\x00\x04\x00\x00\x00\xff\xff\xff\xff"))
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < headerSize {
			return
		}
		if _, err := restOf(data[:headerSize]); err != nil {
			return
		}
		m, err := parse(data)
		if err != nil {
			return
		}
		for _, read := range []func(reader){
			func(r reader) { r.texts() }, func(r reader) { r.bytes() }, func(r reader) { r.text() }, func(r reader) { r.signature() },
		} {
			read(m.body)
		}
	})
}

// TestContextOfTheCaller: a caller's time that is over is not the keyring's fault.
func TestContextOfTheCaller(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	s := &secretService{ctx: ctx, sockets: []string{"/nowhere"}, limit: answerLimit, trace: t.Logf}
	if _, err := s.Get("session-x"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}
