package glslog_test

import (
	"log"
	"log/slog"
	"os"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
)

var tenant = gls.New[string]("tenant")

// withoutTime drops the time, which differs from run to run.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func ExampleNewHandler() {
	text := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	logger := slog.New(glslog.NewHandler(text, glslog.Attr(tenant)))

	logger.Info("starting")
	tenant.With("acme", func() {
		logger.Info("order placed", "total", 3)
		logger.WithGroup("payment").Info("accepted", "card", "visa")
	})
	// Output:
	// level=INFO msg=starting
	// level=INFO msg="order placed" total=3 tenant=acme
	// level=INFO msg=accepted tenant=acme payment.card=visa
}

func ExampleNewWriter() {
	logger := log.New(glslog.NewWriter(os.Stdout, glslog.Attr(tenant)), "", 0)

	logger.Print("starting")
	tenant.With("acme", func() { logger.Print("order placed") })
	// Output:
	// starting
	// order placed tenant=acme
}

func ExampleGroup() {
	text := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	logger := slog.New(glslog.NewHandler(text, glslog.Attr(tenant), glslog.Group("request")))

	tenant.With("acme", func() { logger.Info("order placed") })
	// Output:
	// level=INFO msg="order placed" request.tenant=acme
}

func ExampleAttrFunc() {
	token := gls.New[string]("token")
	hide := func(s string) slog.Value { return slog.StringValue(s[:2] + "…") }
	logger := log.New(glslog.NewWriter(os.Stdout, glslog.AttrFunc("token", token, hide)), "", 0)

	token.With("s3cr3t", func() { logger.Print("signed in") })
	// Output:
	// signed in token=s3…
}
