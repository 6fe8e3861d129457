package glszerolog_test

import (
	"os"

	"github.com/rs/zerolog"

	"github.com/seed18162548/contextvars/contrib/glszerolog"
	"github.com/seed18162548/contextvars/gls"
)

func ExampleNewHook() {
	user := gls.New[string]("user")
	logger := zerolog.New(os.Stdout).Hook(glszerolog.NewHook(glszerolog.Attr(user)))

	logger.Info().Msg("starting")
	user.With("ann", func() { logger.Info().Int("total", 3).Msg("order placed") })
	// Output:
	// {"level":"info","message":"starting"}
	// {"level":"info","total":3,"user":"ann","message":"order placed"}
}
