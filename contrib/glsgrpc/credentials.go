package glsgrpc

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"google.golang.org/grpc"
	grpccreds "google.golang.org/grpc/credentials"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A credentials are per-RPC credentials that carry variables, if the authority
// of the call may be told, in front of those of the caller. gRPC asks for them
// once per attempt, on a goroutine of its choice, so the values are read
// before.
type credentials struct {
	method    string
	authority func(string) bool           // reports whether it may be told
	next      grpccreds.PerRPCCredentials // the caller's, or nil
	told      map[string]string           // the metadata with the variables
	untold    map[string]string           // instead of it, if the authority may not be told
	report    glsexport.Report            // of told
	counted   atomic.Bool
}

// GetRequestMetadata implements PerRPCCredentials.
func (c *credentials) GetRequestMetadata(ctx context.Context, uri ...string) (map[string]string, error) {
	md := map[string]string{}
	if c.next != nil {
		own, err := c.next.GetRequestMetadata(ctx, uri...)
		if err != nil {
			return nil, err
		}
		maps.Copy(md, own)
	}
	if c.mayTell(uri) {
		maps.Copy(md, c.told)
		if !c.counted.Swap(true) {
			counters.injected.Add(c.report)
		}
	} else {
		maps.Copy(md, c.untold)
	}
	return md, nil
}

func (c *credentials) mayTell(uri []string) bool {
	return len(uri) > 0 && !slices.ContainsFunc(uri, func(uri string) bool {
		authority, ok := authorityOf(uri, c.method)
		return !ok || !c.authority(authority)
	})
}

// RequireTransportSecurity implements PerRPCCredentials. Variables are sent
// over insecure transports too, as all metadata.
func (c *credentials) RequireTransportSecurity() bool {
	return c.next != nil && c.next.RequireTransportSecurity()
}

// callersOwn returns the per-RPC credentials among opts, the last, which is the
// one that gRPC takes, and opts without any, in a slice of its own.
func callersOwn(opts []grpc.CallOption) (own grpccreds.PerRPCCredentials, rest []grpc.CallOption) {
	for _, o := range opts {
		if o, ok := o.(grpc.PerRPCCredsCallOption); ok {
			own = o.Creds
			continue
		}
		rest = append(rest, o)
	}
	return own, rest
}
