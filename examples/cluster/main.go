// Cluster is a service of two processes that share neither memory nor a
// context. The front has the HTTP interface: a request for an album resizes all
// its pictures at once, each as a job on any machine. The back runs the jobs
// and stores the results in SQLite. They communicate through NATS JetStream;
// the front embeds the server.
//
// No function passes on a request ID, a user or a trace, and yet the log lines
// of both processes and the rows of the back contain the same ones: glsnats
// carries bindings from the goroutine that submits a job to the one that runs
// it, as spawn.Gather carries them from the request to the goroutines that
// submit.
//
// Without flags the program starts both processes, sends concurrent requests,
// kills the back while these are served and starts it again, checks every line
// and row, and stops the processes:
//
//	go -C examples run ./cluster
//	go -C examples run ./cluster -front 127.0.0.1:8080 -nats 127.0.0.1:4222
//	go -C examples run ./cluster -back nats://127.0.0.1:4222 -db pictures.db
//	curl -X POST -H 'X-User: ann' '127.0.0.1:8080/albums/rome?pictures=5'
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `Usage: cluster
       cluster -front ADDR [-nats ADDR]
       cluster -back URL [-db FILE]

Starts a front, which serves HTTP, and a back, which works for it, in processes
of their own, sends the front concurrent requests, kills the back and starts it
again meanwhile, and checks that every log line of either and every row of the
database names the request, the user and the trace that caused it.

With -front or -back it is one of the two, until it is interrupted or its input
ends.

`

const exits = `
Exit status: 0 if all is well, 1 if a check or a process failed, 2 if the command
line is wrong.
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main with its environment as parameters. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.SetOutput(stderr)
	frontAddr := flags.String("front", "", "be the front: serve HTTP on `ADDR`, host:port")
	natsAddr := flags.String("nats", "127.0.0.1:0", "have the front's NATS server listen on `ADDR`")
	backURL := flags.String("back", "", "be the back: take jobs from the NATS server at `URL`")
	file := flags.String("db", "pictures.db", "have the back keep its rows in `FILE`")
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
		fmt.Fprintf(stderr, "cluster: unexpected argument %q; see cluster -h\n", flags.Arg(0))
		return 2
	case *frontAddr != "" && *backURL != "":
		fmt.Fprintln(stderr, "cluster: -front and -back are two processes; see cluster -h")
		return 2
	}

	var err error
	switch {
	case *frontAddr != "":
		err = front(*frontAddr, *natsAddr, untilStopped(stdin), stdout, stderr)
	case *backURL != "":
		err = back(*backURL, *file, untilStopped(stdin), stdout, stderr)
	default:
		err = selfTest(stdout)
	}
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, errCheck): // the report has said that already
		fmt.Fprintln(stderr, "cluster:", err)
	}
	return 1
}
