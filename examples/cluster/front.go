package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// A picture is the payload of a job.
type picture struct{ Album, Name string }

// A thumbnail is the result of a job.
type thumbnail struct {
	Name string
	By   identity // what was bound where it was made
}

// drainTime is how long a process may take to shut down.
const drainTime = 20 * time.Second

// front serves HTTP on addr, with a NATS server on natsAddr, until stopped.
func front(addr, natsAddr string, stopped <-chan struct{}, stdout, stderr io.Writer) error {
	host, text, err := net.SplitHostPort(natsAddr)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("port of %s: %w", natsAddr, err)
	}
	if port == 0 {
		port = -1 // any free port
	}
	queue, err := embedded.Start(embedded.Listen(host, port))
	if err != nil {
		return err
	}
	defer queue.Stop()
	client, err := glsnats.Connect(queue.URL(), exports)
	if err != nil {
		return err
	}
	defer client.Close()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	f := &albums{client, logger(stderr, "front")}
	server := http.Server{Handler: f.routes(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	spawn.Detached(func() { ended <- server.Serve(listener) })
	fmt.Fprintf(stdout, "cluster: front on http://%v, jobs on %s; interrupt to stop\n", listener.Addr(), queue.URL())

	select {
	case err := <-ended:
		return err
	case <-stopped:
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return server.Shutdown(ctx)
}

// albums is the HTTP interface.
type albums struct {
	client *glsnats.Client
	log    *slog.Logger
}

func (f *albums) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /albums/{album}", f.resize)
	return glshttp.Handler(glshttp.RequestID()(identify(mux)))
}

// identify binds the user and the trace of a request. If it has no trace,
// identify makes one.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trace, err := glsnats.ParseTrace(r.Header.Get("traceparent"))
		if err != nil {
			trace = glsnats.NewTrace()
		}
		gls.With(func() { next.ServeHTTP(w, r) }, glsnats.TraceParent.Bind(trace), user.Bind(r.Header.Get("X-User")))
	})
}

// resize submits jobs that resize all pictures of an album at once.
func (f *albums) resize(w http.ResponseWriter, r *http.Request) {
	album := r.PathValue("album")
	n, err := strconv.Atoi(r.FormValue("pictures"))
	if err != nil || n < 1 || n > 100 {
		http.Error(w, "pictures: 1 to 100", http.StatusBadRequest)
		return
	}
	f.log.Info("resizing", "album", album, "pictures", n)
	jobs := make([]func() (thumbnail, error), n)
	for i := range jobs {
		p := picture{album, fmt.Sprintf("%s-%02d", album, i)}
		jobs[i] = func() (thumbnail, error) { return f.order(p) }
	}
	thumbnails, err := spawn.Gather(jobs...)
	if err != nil {
		f.log.Error("not resized", "album", album, "error", err)
		http.Error(w, "not resized", http.StatusBadGateway)
		return
	}
	f.log.Info("resized", "album", album)
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(thumbnails); err != nil {
		f.log.Warn("client is gone", "album", album, "error", err)
	}
}

// order submits the job that resizes a picture.
func (f *albums) order(p picture) (thumbnail, error) {
	f.log.Info("ordered", "picture", p.Name)
	return glsnats.Call[thumbnail](f.client, "resize", p)
}
