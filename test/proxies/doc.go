// Package proxies asks gls/glsdebug's page through real proxies on the same
// machine. Its tests need the tag gls_servers, which make servers sets, and
// nginx and haproxy on PATH: without them they fail.
package proxies
