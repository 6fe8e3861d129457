// Package glsredis provides a hook for Redis clients of
// github.com/redis/go-redis/v9. The hook logs slow commands with the bindings
// of the goroutine that waits for them:
//
//	rdb.AddHook(glsredis.NewHook(
//		glsredis.Slow(50*time.Millisecond, nil, glslog.Attr(requestID)),
//	))
//
//	level=WARN msg="slow command" duration=71ms command=hgetall request_id=r-1
//
// If a command is called with a context without values, such as
// [context.Background] or one with only a timeout, that context is joined with
// the implicit one of package glsctx; see [glsctx.Join].
//
// Add the hook to the client that the program calls. A ClusterClient or Ring
// runs the parts of a pipeline on its own goroutines, which have no bindings,
// so a hook on the clients of its nodes would see none.
//
// # What counts
//
// Commands of the program count, from the call until the reply, including the
// wait for a connection. A pipeline or transaction counts as one. These do not
// count:
//
//   - Commands that the client sends on its own when it connects: hello, auth,
//     select, readonly, and client setinfo, setname and maint_notifications.
//     Older servers refuse some of them, and the client goes on without.
//   - As slow, commands that wait for another client, such as blpop, wait and
//     xread with block.
//   - As failed, [redis.Nil], which says that there is no such key.
package glsredis
