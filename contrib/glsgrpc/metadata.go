package glsgrpc

import (
	"fmt"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// MetadataCarrier makes metadata a [glsexport.Carrier]. Keys are not
// case-sensitive.
type MetadataCarrier metadata.MD

// Get returns the first value of key, or "".
func (m MetadataCarrier) Get(key string) string {
	if values := m.Values(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set makes value the only value of key.
func (m MetadataCarrier) Set(key, value string) { metadata.MD(m).Set(key, value) }

// Values returns all values of key.
func (m MetadataCarrier) Values(key string) []string { return metadata.MD(m).Get(key) }

// Keys returns the keys.
func (m MetadataCarrier) Keys() []string { return glsadapter.Keys(m) }

// Exports sets the variables that clients send and servers accept. Several
// Exports options add up. Exports panics with glsexport.ErrName for headers
// that belong to gRPC: "content-type", "user-agent", and names that begin with
// "grpc-".
func Exports(vars ...glsexport.Exported) ExportsOption {
	for _, v := range vars {
		switch name := strings.ToLower(v.Header()); {
		case name == "content-type", name == "user-agent", strings.HasPrefix(name, "grpc-"):
			panic(fmt.Errorf("glsgrpc: %w %q: the header belongs to gRPC", glsexport.ErrName, v.Header()))
		}
	}
	return ExportsOption{vars}
}

// An ExportsOption is what [Exports] returns: an option of servers and of
// clients.
type ExportsOption struct{ vars []glsexport.Exported }

func (o ExportsOption) applyServer(s *server) { s.vars = append(s.vars, o.vars...) }
func (o ExportsOption) applyClient(c *client) { c.vars = append(c.vars, o.vars...) }
