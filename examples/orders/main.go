// Orders is a typical order service: it has HTTP handlers, a service layer and
// a store, asks several suppliers for prices at once over HTTP, and writes an
// audit trail on a background goroutine. No function takes a context.Context,
// and yet every log line, every audit row and every error contains the request,
// the user and the trace that it belongs to, even in the price service, and
// statements end with their request's deadline.
//
// Most of this is done by adapters, in one line each. These are the places to
// look at:
//
//   - identity.go declares the variables and, with glsexport, how they are
//     sent.
//   - edge.go binds them and, with glsctx, the deadline, once per request,
//     inside glshttp.Handler.
//   - logging.go uses glslog to add them to every line, and store.go uses
//     glssql to add them to every statement. failure.go and tables.go read them
//     directly.
//   - prices.go starts goroutines with spawn.Go in place of the go statement,
//     and uses glshttp to send the identity, which priceserver.go receives.
//   - audit.go passes it to a goroutine that works for all requests.
//   - handlers.go uses glspprof to split profiles by route, and has glsdebug's
//     page, which shows what is bound.
//
// Without flags the program starts the service on the loopback interface, sends
// itself 200 concurrent requests, and checks everything that they left behind:
//
//	go -C examples run ./orders
//	go -C examples run ./orders -plain
//	go -C examples run ./orders -serve 127.0.0.1:8080
//	curl -X PUT -H 'X-User: ann' -d '{"item":"bolt","quantity":3}' 127.0.0.1:8080/orders/PO-1
//
// With -serve, the home page of the service has a form to use in place of curl.
// The program also prints the address of glsdebug's page, including its token;
// append &format=text to read the page in a terminal with curl.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/spawn"
)

const usage = `Usage: orders [-db FILE] [-plain] [-serve ADDR [-prices URL]] [-slow TIME]

Starts an order service on the loopback interface, sends it 200 concurrent
requests, and checks that every log line, audit row, order and error bears the
ID of the request that caused it.

`

const exits = `
Exit status: 0 if all is well, 1 if a check or the service failed (so always
with -plain, unless it serves), 2 if the command line is wrong.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its environment as parameters. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("orders", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var set settings
	flags.StringVar(&set.file, "db", inMemory, "keep the data in `FILE`")
	flags.Func("prices", "with -serve, ask the price service at `URL` instead of one of its own", func(base string) error {
		set.prices = strings.TrimSuffix(base, "/")
		return checkURL(base)
	})
	flags.DurationVar(&set.slow, "slow", 250*time.Millisecond, "log statements that take `TIME` or longer")
	plain := flags.Bool("plain", false, "start goroutines with go instead of spawn.Go, to see what is lost")
	addr := flags.String("serve", "", "serve on `ADDR`, host:port, until interrupted, instead of checking")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
		fmt.Fprint(stderr, exits)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "orders: unexpected argument %q; see orders -h\n", flags.Arg(0))
		return 2
	case set.prices != "" && *addr == "":
		fmt.Fprintln(stderr, "orders: the check needs the program's own price service: -prices goes with -serve")
		return 2
	}

	set.start = spawn.Go
	if *plain {
		set.start = plainGo
	}
	var err error
	if *addr != "" {
		err = serve(*addr, set, stdout, stderr)
	} else {
		err = selfTest(set, *plain, stdout)
	}
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, errCheck): // the report has said that already
		fmt.Fprintln(stderr, "orders:", err)
	}
	return 1
}

// checkURL returns an error unless base is the URL of a service.
func checkURL(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return errors.New("it should be like http://127.0.0.1:8081")
	}
	return nil
}

// A starter starts a goroutine that calls f: spawn.Go, or plainGo.
type starter func(f func())

// plainGo starts f without the caller's bindings, as code does that has not
// been converted.
func plainGo(f func()) { go f() }
