package glszap_test

import (
	"go.uber.org/zap"

	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/gls"
)

func ExampleWith() {
	user := gls.New[string]("user")
	logger := zap.NewExample(glszap.With(glszap.Attr(user)))

	logger.Info("starting")
	user.With("ann", func() { logger.Info("order placed", zap.Int("total", 3)) })
	// Output:
	// {"level":"info","msg":"starting"}
	// {"level":"info","msg":"order placed","user":"ann","total":3}
}
