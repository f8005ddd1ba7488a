package main

import (
	"errors"
	"io"
	"net"
	"time"
)

// delayed is a listener on the loopback that forwards every connection to a
// server, as if the server were one round trip away. TCP's handshake takes a
// round trip, and each byte half of one in each direction. It does not limit the
// bandwidth.
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

// carry forwards a client's connection to the server. The kernel has accepted the
// connection at once. With the delay, the client's first byte would have left a
// round trip later, and the server's half a round trip later.
func (d *delayed) carry(client net.Conn, accepted time.Time) {
	server, err := net.Dial("tcp", d.server)
	if err != nil {
		_ = client.Close()
		return
	}
	go late(server, client, accepted.Add(d.trip), d.trip/2)
	late(client, server, accepted.Add(d.trip/2), d.trip/2)
}

// chunk is the data of one read, and when it must arrive. A chunk without data
// is the end.
type chunk struct {
	data []byte
	due  time.Time
}

// late copies from one connection to another. No byte leaves before first, and
// each arrives after the time in takes.
func late(to, from net.Conn, first time.Time, takes time.Duration) {
	chunks := make(chan chunk, 1024)
	go func() {
		defer close(chunks)
		for {
			data := make([]byte, 64<<10)
			n, err := from.Read(data)
			left := time.Now()
			if left.Before(first) {
				left = first
			}
			chunks <- chunk{data[:n], left.Add(takes)}
			if err != nil {
				return
			}
		}
	}()
	for c := range chunks {
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
	for range chunks { // so that the reader does not block
	}
	_, _ = io.Copy(io.Discard, from)
}
