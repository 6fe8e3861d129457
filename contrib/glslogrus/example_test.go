package glslogrus_test

import (
	"os"

	"github.com/sirupsen/logrus"

	"github.com/seed18162548/contextvars/contrib/glslogrus"
	"github.com/seed18162548/contextvars/gls"
)

func ExampleNewHook() {
	user := gls.New[string]("user")
	logger := logrus.New()
	logger.SetOutput(os.Stdout)
	logger.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableColors: true})
	logger.AddHook(glslogrus.NewHook(glslogrus.Attr(user)))

	logger.Info("starting")
	user.With("ann", func() { logger.WithField("total", 3).Info("order placed") })
	// Output:
	// level=info msg=starting
	// level=info msg="order placed" total=3 user=ann
}
