package test_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// A stream that goes both ways needs flushing and full duplex of the server's
// ResponseWriter: the middleware must not stand in the way. Its client calls
// the RoundTripper on a goroutine of its own, where nothing is bound: what is
// to be sent goes into the headers before.
func TestStreamsBothWays(t *testing.T) {
	h := connect.NewBidiStreamHandler(procedure,
		func(_ context.Context, stream *connect.BidiStream[wrapperspb.StringValue, wrapperspb.StringValue]) error {
			for {
				msg, err := stream.Receive()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				if err := stream.Send(wrapperspb.String(msg.GetValue() + " " + user.Get())); err != nil {
					return err
				}
			}
		})
	served := &served{next: glshttp.Handler(glshttp.RequestID()(glshttp.Extract(exports, trusted)(h)))}
	s := httptest.NewUnstartedServer(served)
	s.EnableHTTP2 = true
	s.StartTLS()
	defer served.Wait()
	defer s.Close()

	defer user.Set("ann").Reset()
	inject := func(h http.Header) {
		glsexport.Inject(glshttp.HeaderCarrier(h), glsexport.Export(user, "user", glsexport.String()))
	}
	for _, tt := range []struct {
		name    string
		opts    []glshttp.TransportOption
		prepare func(http.Header)
		want    string
	}{
		{"by the transport alone", nil, func(http.Header) {}, ""},
		{"injected before, which the transport removes", nil, inject, ""},
		{"injected before, and kept", []glshttp.TransportOption{glshttp.KeepHeaders()}, inject, "ann"},
	} {
		c := &http.Client{Transport: glshttp.Transport(s.Client().Transport, append(tt.opts, exports)...)}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel() // a stream that a failing test leaves open would keep the server
		stream := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](c, s.URL+procedure).CallBidiStream(ctx)
		tt.prepare(stream.RequestHeader())
		for _, word := range []string{"hello", "bye"} {
			require.NoError(t, stream.Send(wrapperspb.String(word)), tt.name)
			answer, err := stream.Receive() // arrives while the request goes on
			require.NoError(t, err, tt.name)
			require.Equal(t, word+" "+tt.want, answer.GetValue(), tt.name)
		}
		require.NoError(t, stream.CloseRequest())
		require.NoError(t, stream.CloseResponse())
	}
}
