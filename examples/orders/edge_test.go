package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// through sends a request with headers through the edge, on the calling
// goroutine, and returns the identity that the handler saw.
func through(header http.Header) (seen identity, answer http.Header) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = header
	edge(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen = current() })).ServeHTTP(w, r)
	return seen, w.Header()
}

func TestEdge(t *testing.T) {
	seen, answer := through(http.Header{requestHeader: {"r.1"}, userHeader: {"ann_2"}, traceHeader: {"T-3"}})
	require.Equal(t, identity{"r.1", "ann_2", "T-3"}, seen)
	require.Equal(t, http.Header{requestHeader: {"r.1"}, userHeader: {"ann_2"}, traceHeader: {"T-3"}}, answer)
	require.Equal(t, identity{}, current(), "nothing stays for the connection's next request")

	first, _ := through(http.Header{})
	second, _ := through(http.Header{})
	require.Equal(t, "anonymous", first.User)
	require.NotEqual(t, first.Request, second.Request)
	require.NotEqual(t, first.Trace, second.Trace)
	require.NotEqual(t, first.Request, first.Trace)
}

// TestEdgeRefusesWhatForgesLogs checks that an ID that could look like another
// field or line, or fill the log, is replaced.
func TestEdgeRefusesWhatForgesLogs(t *testing.T) {
	for _, id := range []string{
		"a b", "a=b", "a\nb", "a\x00", `a"b`, "é", "[a]", strings.Repeat("a", 65), " ",
	} {
		seen, _ := through(http.Header{requestHeader: {id}, userHeader: {id}, traceHeader: {id}})
		require.Regexp(t, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", seen.Request, "%q", id)
		require.Equal(t, "anonymous", seen.User, "%q", id)
		require.Regexp(t, "^[0-9a-f]{16}$", seen.Trace, "%q", id)
	}
	longest := strings.Repeat("a", 64)
	seen, _ := through(http.Header{requestHeader: {longest}})
	require.Equal(t, longest, seen.Request)
}

// TestEdgeLeavesNothing lets handlers end in every way there is.
func TestEdgeLeavesNothing(t *testing.T) {
	for name, end := range map[string]func(){
		"return": func() {},
		"panic":  func() { panic(http.ErrAbortHandler) },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			left := make(chan identity, 1)
			go func() {
				defer func() {
					_ = recover()
					left <- current()
				}()
				edge(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { end() })).
					ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			}()
			require.Equal(t, identity{}, <-left)
		})
	}
}

func TestAccess(t *testing.T) {
	var log bytes.Buffer
	previous := slog.Default()
	defer slog.SetDefault(previous)
	logTo(&log)

	handler := access(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/teapot" {
			w.WriteHeader(http.StatusTeapot)
		}
		require.NoError(t, http.NewResponseController(w).Flush())
	}))
	for _, path := range []string{"/teapot", "/"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	require.Regexp(t, `^time=\d\d:\d\d:\d\d\.\d{3} level=INFO msg=request method=GET path=/teapot status=418 took=\S+
time=\d\d:\d\d:\d\d\.\d{3} level=INFO msg=request method=GET path=/ status=200 took=\S+
$`, log.String())
}

func TestFailure(t *testing.T) {
	defer requestID.Set("r").Reset()
	defer user.Set("u").Reset()
	defer traceID.Set("t").Reset()

	inner := failed("read: %w", io.ErrUnexpectedEOF)
	require.EqualError(t, inner, "read: unexpected EOF [request_id=r user=u trace_id=t]")
	require.ErrorIs(t, inner, io.ErrUnexpectedEOF)

	// The identity is that of the goroutine that found the error, at that time.
	gls.Isolate(func() {
		outer := failed("order: %w", inner)
		require.EqualError(t, outer, "order: read: unexpected EOF [request_id=r user=u trace_id=t]")
		require.EqualError(t, failed("x"), "x [no request]")
		var f *failure
		require.True(t, errors.As(outer, &f))
		require.Equal(t, identity{"r", "u", "t"}, f.who)
	})
}
