package glsredis_test

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed18162548/contextvars/contrib/glsredis"
	"github.com/seed18162548/contextvars/gls/glslog"
)

func ExampleNewHook() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	rdb.AddHook(glsredis.NewHook(
		glsredis.Slow(50*time.Millisecond, nil, glslog.Attr(request)),
	))
}
