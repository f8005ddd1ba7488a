package awsclient

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

const sessionAnswer = `<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials>
<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>
</Credentials></GetSessionTokenResult></GetSessionTokenResponse>`

// askForSession calls STS at an address, once, as package session does.
func askForSession(address string, client aws.HTTPClient, options ...func(*sts.Options)) (*sts.GetSessionTokenOutput, error) {
	service := sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(address), Retryer: aws.NopRetryer{}, HTTPClient: sender{client},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}, options...)
	return service.GetSessionToken(context.Background(), &sts.GetSessionTokenInput{TokenCode: aws.String("123456"), SerialNumber: aws.String("GAHT12345678")})
}

// slowWriter is a connection whose second write, that of a request's body, is
// done at once and returns late.
type slowWriter struct {
	net.Conn
	writes int
	until  chan struct{}
}

func (c *slowWriter) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	if c.writes++; c.writes == 2 {
		<-c.until
	}
	return n, err
}

// TestAnswerBeforeEndOfRequest: an answer whose headers come while the request
// is still being written, and its body later, is read whole.
func TestAnswerBeforeEndOfRequest(t *testing.T) {
	closed := make(chan struct{}) // the SDK is done with the request's body
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = http.NewResponseController(rw).Flush()
		<-closed
		time.Sleep(200 * time.Millisecond) // for the client to break off, if it does
		_, _ = io.WriteString(rw, sessionAnswer)
	}))
	defer server.Close()
	client := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &slowWriter{Conn: conn, until: closed}, err
		}
	})
	var once sync.Once
	out, err := askForSession(server.URL, client, func(o *sts.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("closed",
				func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
					defer once.Do(func() { close(closed) })
					return next.HandleDeserialize(ctx, in)
				}), middleware.After)
		})
	})
	if err != nil || out.Credentials == nil || aws.ToString(out.Credentials.SessionToken) != "token" {
		t.Errorf("the answer is lost: %v", err)
	}
}

// TestNoWholeAnswer: what is cut off, or no HTTP, is a broken connection on
// which the request had gone out, and no byte of it is in the error.
func TestNoWholeAnswer(t *testing.T) {
	for name, answer := range map[string]string{
		"closed at once":  "",
		"short body":      "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n<PEER>",
		"short chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<PEER>",
		"half a header":   "HTTP/1.1 200 OK\r\nContent-Le",
		"no header":       "HTTP/1.1 200 OK\r\nPEER\r\n\r\n",
		"no HTTP":         "SSH-2.0-PEER\r\n",
		"no status":       "HTTP/1.1 PEER\r\n\r\n",
		"no version":      "HTTP/PEER 200 OK\r\n\r\n",
		"a strange chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nPEER\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := askForSession("http://"+answerOnce(t, answer), awshttp.NewBuildableClient())
			var call *CallError
			if !errors.As(err, &call) || !call.Sent || strings.Contains(call.Error(), "PEER") {
				t.Errorf("%v", err)
			}
		})
	}
}

// answerOnce returns the address of a server that reads a request, writes a
// text and closes the connection.
func answerOnce(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err == nil {
			_, _ = io.Copy(io.Discard, request.Body)
			_, _ = io.WriteString(conn, text)
		}
	}()
	return listener.Addr().String()
}

// TestNotSent: what never reached a host can't have used anything.
func TestNotSent(t *testing.T) {
	_, err := askForSession("http://127.0.0.1:1", awshttp.NewBuildableClient())
	var call *CallError
	if !errors.As(err, &call) || call.Sent {
		t.Error(err)
	}
	// What is no HTTP may come from a proxy, too, before anything is sent.
	client := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
		tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: answerOnce(t, "SSH-2.0-PEER\r\n")})
	})
	_, err = askForSession("https://sts.example", client)
	if !errors.As(err, &call) || call.Sent || strings.Contains(call.Error(), "PEER") {
		t.Error(err)
	}
}

// TestWholeAnswer: whatever is in it, an answer that is whole is the SDK's to
// read, and one without end is not read on.
func TestWholeAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		page := bytes.Repeat([]byte("<p>Welcome</p>"), 1000)
		for range 1000 {
			_, _ = rw.Write(page)
		}
	}))
	defer server.Close()
	_, err := askForSession(server.URL, awshttp.NewBuildableClient())
	var call *CallError
	if err == nil || errors.As(err, &call) {
		t.Error(err)
	}
}
