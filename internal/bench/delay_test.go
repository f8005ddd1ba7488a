package main

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"
)

// A request over a new connection takes two round trips: one for the handshake,
// one for the request. The next request takes one.
func TestDelay(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		c, err := server.Accept()
		if err != nil {
			return
		}
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			fmt.Fprintln(c, lines.Text())
		}
	}()
	const trip = 100 * time.Millisecond
	d, err := delay(server.Addr().String(), trip)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	start := time.Now()
	c, err := net.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answers := bufio.NewScanner(c)
	for i, want := range []time.Duration{2 * trip, 3 * trip} {
		fmt.Fprintln(c, i)
		if !answers.Scan() || answers.Text() != fmt.Sprint(i) {
			t.Fatalf("answer %q", answers.Text())
		}
		if took := time.Since(start); took < want {
			t.Errorf("answer %d after %v, want %v", i, took, want)
		}
	}
}
