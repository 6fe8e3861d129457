// Package gateway_test shows grpc-gateway with variables, on the code that it
// generates for etcd's service of keys and values.
package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/etcdserverpb/gw"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var (
	user      = gls.New[string]("user")
	left      = gls.New[string]("left") // handlers bind it and never reset it
	exports   = glsgrpc.Exports(glsexport.ExportHeader(user, "X-User", glsexport.String()))
	everybody = glsgrpc.Trust(func(context.Context, string) bool { return true })
)

// keys is etcd's service: the value of every key is what the handler sees.
type keys struct {
	etcdserverpb.UnimplementedKVServer
}

func (keys) Range(context.Context, *etcdserverpb.RangeRequest) (*etcdserverpb.RangeResponse, error) {
	seen := user.GetOr("nobody") + "/" + left.GetOr("clean")
	left.Set("dirty")
	return &etcdserverpb.RangeResponse{Kvs: []*mvccpb.KeyValue{{Value: []byte(seen)}}}, nil
}

// serveKeys starts etcd's service on the loopback interface and returns its
// address.
func serveKeys(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := grpc.NewServer(grpc.WaitForHandlers(true), grpc.ChainUnaryInterceptor(glsgrpc.UnaryServer(exports, everybody)))
	etcdserverpb.RegisterKVServer(s, keys{})
	served := make(chan error)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		require.NoError(t, <-served)
	})
	return listener.Addr().String()
}

// serve serves a gateway inside glshttp.Handler, and returns a client of it:
// what the service sees of a user who also sends a header.
func serve(t *testing.T, gateway http.Handler) (ask func(name, key, value string) (string, error)) {
	t.Helper()
	identify := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := func() { gateway.ServeHTTP(w, r) }
		if name := r.URL.Query().Get("as"); name != "" {
			user.With(name, serve)
		} else {
			serve()
		}
	})
	s := httptest.NewServer(glshttp.Handler(identify))
	t.Cleanup(s.Close)
	return func(name, key, value string) (string, error) {
		r, err := http.NewRequest(http.MethodPost, s.URL+"/v3/kv/range?as="+name, strings.NewReader(`{"key":"eA=="}`))
		if err != nil {
			return "", err
		}
		r.Header.Set(key, value)
		resp, err := s.Client().Do(r)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var answer struct{ Kvs []struct{ Value string } }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Kvs) != 1 {
			return "", fmt.Errorf("%s, %v", resp.Status, err)
		}
		seen, err := base64.StdEncoding.DecodeString(answer.Kvs[0].Value)
		return string(seen), err
	}
}

// requireAnswers asks from many goroutines, and requires that the service sees
// each one's user, and nothing that another left.
func requireAnswers(t *testing.T, ask func(name, key, value string) (string, error)) {
	t.Helper()
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for j := range 10 {
				name := fmt.Sprintf("client-%d-%d", c, j)
				if got, err := ask(name, "Accept", "*/*"); err != nil || got != name+"/clean" {
					t.Errorf("got %q, %v; want %q", got, err, name+"/clean")
				}
			}
		})
	}
	wg.Wait()
}

// A gateway calls the service on the goroutine of the HTTP request, so the
// client's interceptor finds what is bound there.
func TestGateway(t *testing.T) {
	glstest.CheckLeaks(t)
	address := serveKeys(t)
	register := func(opts ...grpc.DialOption) http.Handler {
		cc, err := grpc.NewClient(address, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, cc.Close()) })
		mux := runtime.NewServeMux(runtime.WithLegacyHeaderMatching())
		require.NoError(t, gw.RegisterKVHandler(t.Context(), mux, cc))
		return mux
	}
	plain := serve(t, register())
	got, err := plain("ann", "Accept", "*/*")
	require.NoError(t, err)
	require.Equal(t, "nobody/clean", got, "without the interceptor, the service is told nothing")

	ask := serve(t, register(grpc.WithChainUnaryInterceptor(glsgrpc.UnaryClient(exports))))
	requireAnswers(t, ask)

	// Before v2.33, a gateway hands on what strangers send as Grpc-Metadata-*, as
	// this one does. The interceptor removes what is exported, bound or not.
	const header = runtime.MetadataHeaderPrefix + "X-User"
	got, err = plain("", header, "mallory")
	require.NoError(t, err)
	require.Equal(t, "mallory/clean", got)
	for name, want := range map[string]string{"ann": "ann/clean", "": "nobody/clean"} {
		got, err = ask(name, header, "mallory")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Without a network between them, the service is called on the goroutine of the
// HTTP request, and no interceptor is.
func TestGatewayInProcess(t *testing.T) {
	glstest.CheckLeaks(t)
	mux := runtime.NewServeMux()
	require.NoError(t, gw.RegisterKVHandlerServer(t.Context(), mux, keys{}))
	requireAnswers(t, serve(t, mux))
}
