// Million sends 10⁶ jobs, each with an identity of its own that is checked
// where it runs, first with the worker beside the producer, then after all are
// queued. It prints throughput and the memory of the worker while it works the
// queue off.
//
//	go -C contrib/glsnats run ./bench/million
//
// The server is a process of its own, with file storage. The exit status is 1
// if a job is lost or ran under another identity, or if the worker's memory
// grows.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/spawn"
)

// asServer makes the program a server until its standard input ends.
const asServer = "-as-server"

// mostGrowth is how much larger the heap may be at the end of a queue than it
// was when the first jobs had run.
const mostGrowth = 8 << 20

var user = gls.New[string]("user")

func main() {
	if len(os.Args) == 2 && os.Args[1] == asServer {
		exit(serve())
	}
	jobs := flag.Int("jobs", 1_000_000, "jobs of each part")
	flag.Parse()
	exit(run(*jobs))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "million:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve() error {
	s, err := embedded.Start()
	if err != nil {
		return err
	}
	defer s.Stop()
	fmt.Println(s.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func run(jobs int) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	server := exec.Command(program, asServer)
	in, err := server.StdinPipe()
	if err != nil {
		return err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer func() {
		in.Close()
		_ = server.Wait() // its data is in a temporary directory
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	url = strings.TrimSpace(url)
	return errors.Join(part(url, "beside", jobs, false), part(url, "queued", jobs, true))
}

// part sends jobs through a stream of that name, and has them run at once, or
// when all are queued.
func part(url, name string, jobs int, queued bool) error {
	exports := glsnats.Exports(glsexport.Export(user, "user", glsexport.String()))
	producer, err := glsnats.Connect(url, exports, glsnats.Stream(name))
	if err != nil {
		return err
	}
	defer producer.Close()
	worker, err := glsnats.Connect(url, exports, glsnats.Stream(name))
	if err != nil {
		return err
	}
	defer worker.Close()
	seen := make([]atomic.Uint32, jobs)
	var ran, wrong atomic.Int64
	handle := func() error {
		return worker.Handle("work", func(j glsnats.Job) error {
			n, err := strconv.Atoi(string(j.Payload))
			if err != nil || user.Get() != "u-"+string(j.Payload) {
				wrong.Add(1)
				return nil //nolint:nilerr // it is counted
			}
			seen[n].Add(1)
			ran.Add(1)
			return nil
		}, glsnats.InFlight(256))
	}
	begin := time.Now()
	if !queued {
		if err := handle(); err != nil {
			return err
		}
	}
	if err := produce(producer, jobs); err != nil {
		return err
	}
	fmt.Printf("%s: %d stored in %v\n", name, jobs, time.Since(begin).Round(time.Second))
	if queued {
		begin = time.Now()
		if err := handle(); err != nil {
			return err
		}
	}
	first, most := uint64(0), uint64(0)
	for last, idle := int64(0), 0; ran.Load()+wrong.Load() < int64(jobs) && idle < 60; idle++ {
		time.Sleep(time.Second)
		if now := ran.Load(); now != last {
			last, idle = now, 0
		}
		if heap := live(); first == 0 {
			first = heap
		} else {
			most = max(most, heap)
		}
	}
	took := time.Since(begin)
	if err := worker.Drain(context.Background()); err != nil {
		return err
	}
	once, again := 0, 0
	for i := range seen {
		switch n := seen[i].Load(); {
		case n == 1:
			once++
		case n > 1:
			again++
		}
	}
	fmt.Printf("%s: %d ran in %v, %.0f a second; %d again, %d lost, %d under another identity; live heap %.1f MiB at first, at most %.1f\n",
		name, ran.Load(), took.Round(time.Second), float64(jobs)/took.Seconds(), again, jobs-once-again, wrong.Load(),
		float64(first)/(1<<20), float64(most)/(1<<20))
	if once+again != jobs || wrong.Load() > 0 {
		return errors.New(name + ": jobs are lost or confused")
	}
	if queued && most > first+mostGrowth {
		return errors.New(name + ": the worker's memory grows")
	}
	return nil
}

// produce submits jobs, 64 at a time.
func produce(c *glsnats.Client, jobs int) error {
	const lanes = 64
	var group spawn.Group
	for lane := range lanes {
		group.Go(func() error {
			for i := lane; i < jobs; i += lanes {
				text := strconv.Itoa(i)
				var err error
				user.With("u-"+text, func() { err = c.Go("work", []byte(text)) })
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// live returns the size of what the garbage collector finds alive.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
