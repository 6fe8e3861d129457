// Command peers compares this library with other goroutine-local libraries and
// with what the standard library offers, and writes a report: a page, Markdown,
// pictures, and the raw results, which benchstat reads.
//
//	go -C bench/peers run .            # everything, into bench/results
//	go -C bench/peers run . -quick     # about a minute, to see that it works
//	go -C bench/peers run . -render    # the report again, from bench/results/raw.txt
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"
)

// options are the flags.
type options struct {
	quick, render bool
	run           string
	dir           string
	readme        string
	one           string
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "take about a minute: fewer and shorter rounds, smaller crowds; the figures are not to be quoted")
	flag.StringVar(&o.run, "run", "", "measure only the experiments that match this `regexp`")
	flag.StringVar(&o.dir, "o", "", "write into this `directory` (default ../results; with -quick or -run one for temporary files)")
	flag.BoolVar(&o.render, "render", false, "measure nothing: write the report of the directory's raw.txt again")
	flag.StringVar(&o.readme, "readme", "", "write the table into this `file` too, between its markers")
	flag.StringVar(&o.one, "measure", "", "measure the `experiment` of this name here and print the results; for the program's own use")
	list := flag.Bool("list", false, "list the experiments")
	flag.Parse()
	if *list {
		for _, e := range experiments() {
			fmt.Println(e.name)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.main(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		stop()
		os.Exit(1)
	}
}

func (o options) main(ctx context.Context) error {
	if o.one != "" {
		return o.measureOne()
	}
	dir := o.dir
	switch {
	case dir != "":
	case o.quick || o.run != "":
		dir = filepath.Join(os.TempDir(), "contextvars-bench")
	default:
		dir = filepath.Join("..", "results")
	}
	raw, failed := o.raw(ctx, dir)
	if raw == nil {
		return failed
	}
	r, err := readResults(bytes.NewReader(raw), "raw.txt")
	if err != nil {
		return errors.Join(failed, err)
	}
	if err := write(dir, raw, r); err != nil {
		return errors.Join(failed, err)
	}
	if o.readme != "" {
		if err := writeReadme(o.readme, r.readme()); err != nil {
			return errors.Join(failed, err)
		}
	}
	good, of := r.verdicts()
	printTable(os.Stdout, r.barTable())
	fmt.Printf("\n%d of %d bars are met. The report is %s\n", good, of, filepath.Join(dir, "report.html"))
	return failed
}

// raw returns the results: new ones, or with -render the ones that dir has. It
// returns them even if some experiments failed.
func (o options) raw(ctx context.Context, dir string) ([]byte, error) {
	if o.render {
		return os.ReadFile(filepath.Join(dir, "raw.txt"))
	}
	wanted, err := regexp.Compile(o.run)
	if err != nil {
		return nil, err
	}
	var list []experiment
	for _, e := range experiments() {
		if wanted.MatchString(e.name) {
			list = append(list, e)
		}
	}
	if list == nil {
		return nil, fmt.Errorf("no experiment matches %q; -list lists them", o.run)
	}
	config := environment(o.quick)
	measured, failed := measure(ctx, list, o.quick)
	if measured == nil {
		return nil, failed
	}
	var raw bytes.Buffer
	for _, c := range config {
		fmt.Fprintf(&raw, "%s: %s\n", c.Key, c.Value)
	}
	raw.WriteString("\n")
	raw.Write(measured)
	return raw.Bytes(), failed
}

// measureOne is what the processes that measure run.
func (o options) measureOne() error {
	for _, e := range experiments() {
		if e.name == o.one {
			effort := full
			if o.quick {
				effort = quick
			}
			return e.run(&meter{effort, benchfmt.NewWriter(os.Stdout)})
		}
	}
	return fmt.Errorf("there is no experiment %q", o.one)
}

// printTable prints t for a terminal.
func printTable(w io.Writer, t table) {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells []cell) {
		for _, c := range cells {
			fmt.Fprintf(columns, "%s\t", c.Text)
		}
		fmt.Fprintln(columns)
	}
	line(texts(t.Head...))
	for _, row := range t.Rows {
		line(row)
	}
	columns.Flush()
}
