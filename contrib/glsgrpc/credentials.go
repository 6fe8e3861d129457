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

// A credentials is a grpccreds.PerRPCCredentials that carries variables in
// addition to the caller's credentials, if the authority of the call is
// allowed. gRPC asks for them once per attempt, on a goroutine of its choice,
// so the values are read beforehand.
type credentials struct {
	method    string
	authority func(string) bool           // reports whether variables may be sent to it
	next      grpccreds.PerRPCCredentials // the caller's, or nil
	told      map[string]string           // the metadata with the variables
	untold    map[string]string           // what to send instead if the authority is not allowed
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

// RequireTransportSecurity implements PerRPCCredentials. Like all metadata,
// variables are also sent over insecure transports.
func (c *credentials) RequireTransportSecurity() bool {
	return c.next != nil && c.next.RequireTransportSecurity()
}

// callersOwn returns the last per-RPC credentials among opts, which are those
// that gRPC uses, and a new slice of the other options.
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
