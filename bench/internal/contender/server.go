package contender

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

// A server's answer, and a request ID that clients may send.
const (
	answer   = "hello, world\n"
	ClientID = "01a21367-231e-7934-b653-ec3b13a3768d"
)

// hello is the handler that is served.
func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }

// PlainServer is a server whose handler sets one response header of its own.
// Its requests have the given X-Request-Id, none if that is empty.
func PlainServer(id string) Case {
	return served(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", ClientID)
		hello(w, r)
	}), id)
}

// IDServer is a server behind glshttp.Handler and glshttp.RequestID.
func IDServer(id string) Case {
	return served(glshttp.Handler(glshttp.RequestID()(http.HandlerFunc(hello))), id)
}

// Connections is the number of connections of the client, and of the requests
// that one operation of a server's loop consists of: one on each.
const Connections = 16

// served is the Case of requests to a real server on the loopback interface.
func served(h http.Handler, id string) Case {
	request := "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n"
	if id != "" {
		request += "X-Request-Id: " + id + "\r\n"
	}
	raw := []byte(request + "\r\n")
	return func(run func(Loop)) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		server := http.Server{Handler: h}
		done := make(chan error)
		go func() { done <- server.Serve(listener) }()
		var conns [Connections]net.Conn
		size := 0
		for i := range conns {
			conns[i], err = net.Dial("tcp", listener.Addr().String())
			check(err)
			size = exchange(conns[i], raw)
		}
		response := make([]byte, size)
		run(func(n int) {
			for i := 0; i < n; i++ {
				for _, conn := range conns {
					_, err := conn.Write(raw)
					check(err)
				}
				for _, conn := range conns {
					_, err = io.ReadFull(conn, response)
					check(err)
					if !bytes.HasSuffix(response, []byte(answer)) {
						panic("the responses are not of one size")
					}
				}
			}
		})
		for _, conn := range conns {
			check(conn.Close())
		}
		check(server.Close())
		<-done //nolint:errcheck // Serve returns that it was closed
	}
}

// exchange sends the first request and returns the size of its response, which
// is that of all of them.
func exchange(conn net.Conn, request []byte) int {
	_, err := conn.Write(request)
	check(err)
	var response []byte
	buf := make([]byte, 4096)
	for !bytes.HasSuffix(response, []byte(answer)) {
		n, err := conn.Read(buf)
		check(err)
		response = append(response, buf[:n]...)
	}
	if !bytes.Contains(response, []byte("\r\nX-Request-Id: ")) {
		panic(fmt.Sprintf("no request ID in %q", response))
	}
	return len(response)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
