// Orders is an order service of the shape that many have grown into: HTTP
// handlers on a service layer on a store, prices asked of several suppliers at
// once, an audit trail written by a goroutine of its own. No function of it
// takes a context.Context to hand on, and yet every log line, every audit row
// and every error names the request, the user and the trace that it belongs to.
//
// The places to look at are few: identity.go declares what is carried, edge.go
// binds it, once per request; logging.go, failure.go and audit.go read it.
// prices.go starts goroutines with spawn.Go in place of the go statement.
//
// Without flags the program starts the service on the loopback interface, sends
// itself 200 concurrent requests, and checks every trace that they left:
//
//	go -C examples run ./orders
//	go -C examples run ./orders -plain
//	go -C examples run ./orders -serve 127.0.0.1:8080
//	curl -X PUT -H 'X-User: ann' -d '{"item":"bolt","quantity":3}' 127.0.0.1:8080/orders/PO-1
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/seed18162548/contextvars/spawn"
)

const usage = `Usage: orders [-db FILE] [-plain] [-serve ADDR]

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
	file := flags.String("db", inMemory, "keep the data in `FILE`")
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
	}

	start := starter(spawn.Go)
	if *plain {
		start = plainGo
	}
	var err error
	if *addr != "" {
		err = serve(*addr, *file, start, stdout, stderr)
	} else {
		err = selfTest(*file, start, *plain, stdout)
	}
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, errCheck): // which the report has told
		fmt.Fprintln(stderr, "orders:", err)
	}
	return 1
}

// A starter starts a goroutine that calls f: spawn.Go, or plainGo.
type starter func(f func())

// plainGo starts f without the caller's bindings, as code does that was not
// converted yet.
func plainGo(f func()) { go f() }
