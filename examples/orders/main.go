// Orders is an order service of the shape that many have grown into: HTTP
// handlers on a service layer on a store, prices asked of several suppliers at
// once over HTTP, an audit trail written by a goroutine of its own. No function
// of it takes a context.Context to hand on, and yet every log line, every audit
// row and every error names the request, the user and the trace that it belongs
// to, in the price service too, and statements end with their request's
// deadline.
//
// The places to look at are few, for most is done by adapters, in a line each:
//
//   - identity.go declares what is carried, and by glsexport how it travels.
//   - edge.go binds it, once per request, behind glshttp's barrier; by glsctx
//     also the deadline.
//   - logging.go has glslog put it into every line, store.go has glssql put it
//     into every statement. failure.go and tables.go read it themselves.
//   - prices.go starts goroutines with spawn.Go in place of the go statement,
//     and has glshttp send the identity along; priceserver.go has it taken
//     there.
//   - audit.go hands it to a goroutine that works for everybody.
//   - handlers.go has glspprof split profiles by route, and glsdebug's page,
//     which shows what is bound at the moment.
//
// Without flags the program starts the service on the loopback interface, sends
// itself 200 concurrent requests, and checks every trace that they left:
//
//	go -C examples run ./orders
//	go -C examples run ./orders -plain
//	go -C examples run ./orders -serve 127.0.0.1:8080
//	curl -X PUT -H 'X-User: ann' -d '{"item":"bolt","quantity":3}' 127.0.0.1:8080/orders/PO-1
//
// The first page of a service that runs has a form in place of curl. The
// program also prints the address of glsdebug's page, with the token that it
// asks for; with &format=text after it, curl shows the page in the terminal.
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

// run is main with its surroundings as parameters. It returns the exit status.
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
	case !errors.Is(err, errCheck): // which the report has told
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

// plainGo starts f without the caller's bindings, as code does that was not
// converted yet.
func plainGo(f func()) { go f() }
