// Package redis runs contrib/glsredis against a real server. Its tests need the
// tag gls_servers, which make servers sets, and a redis-server on PATH: without
// one they fail.
package redis
