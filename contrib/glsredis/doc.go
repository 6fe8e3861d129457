// Package glsredis is a hook for clients of Redis,
// github.com/redis/go-redis/v9, that logs slow commands with what the goroutine
// that waits for them has bound:
//
//	rdb.AddHook(glsredis.NewHook(
//		glsredis.Slow(50*time.Millisecond, nil, glslog.Attr(requestID)),
//	))
//
//	level=WARN msg="slow command" duration=71ms command=hgetall request_id=r-1
//
// A command that is called with a context that carries no values, such as
// [context.Background] or one with a timeout alone, gets those of the implicit
// one of package glsctx, and ends with either; see [glsctx.Join].
//
// Add the hook to the client that the program calls. A ClusterClient or Ring
// runs the parts of a pipeline on goroutines of its own, which have nothing
// bound: a hook on the clients of its nodes would not know whom it is for.
//
// # What counts
//
// Commands of the program count, from the call until the reply, waiting for a
// connection included. A pipeline or transaction counts as one. These do not:
//
//   - What the client says by itself when it connects: hello, auth, select,
//     readonly, and client setinfo, setname and maint_notifications. Servers
//     older than these refuse some of them, and the client goes on without.
//   - As slow, commands that wait for somebody else, such as blpop, wait and
//     xread with block.
//   - As failed, [redis.Nil], which says that there is no such key.
package glsredis
