package main

import (
	"errors"
	"io"
	"net"
	"time"
)

// delayed listens on the loopback and carries every connection to a server as
// if it were a round trip away: what TCP's handshake takes, and half a round
// trip for each byte, whichever its direction. Bandwidth is not limited.
type delayed struct {
	net.Listener
	server string
	trip   time.Duration
}

func delay(server string, trip time.Duration) (*delayed, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &delayed{l, server, trip}
	go d.serve()
	return d, nil
}

func (d *delayed) serve() {
	for {
		client, err := d.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go d.carry(client, time.Now())
		}
	}
}

// carry joins a client, whose connection the kernel has accepted at once, to
// the server. The client's first byte would have left a round trip later, and
// the server would have known of it half a round trip later.
func (d *delayed) carry(client net.Conn, accepted time.Time) {
	server, err := net.Dial("tcp", d.server)
	if err != nil {
		_ = client.Close()
		return
	}
	go late(server, client, accepted.Add(d.trip), d.trip/2)
	late(client, server, accepted.Add(d.trip/2), d.trip/2)
}

// chunk is what was read at once, and when it is to arrive. No bytes: the end.
type chunk struct {
	data []byte
	due  time.Time
}

// late copies from one connection to the other. Nothing leaves before the
// first moment, and all of it takes a while.
func late(to, from net.Conn, first time.Time, takes time.Duration) {
	under := make(chan chunk, 1024)
	go func() {
		defer close(under)
		for {
			data := make([]byte, 64<<10)
			n, err := from.Read(data)
			left := time.Now()
			if left.Before(first) {
				left = first
			}
			under <- chunk{data[:n], left.Add(takes)}
			if err != nil {
				return
			}
		}
	}()
	for c := range under {
		time.Sleep(time.Until(c.due))
		if len(c.data) == 0 {
			break
		}
		if _, err := to.Write(c.data); err != nil {
			break
		}
	}
	if half, ok := to.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	for range under { // the reader must not stand still
	}
	_, _ = io.Copy(io.Discard, from)
}
