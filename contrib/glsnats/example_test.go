package glsnats_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

var requestID = gls.New[string]("request_id")

func Example() {
	server, err := embedded.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Stop()

	client, err := glsnats.Connect(server.URL(),
		glsnats.Exports(glsexport.ExportHeader(requestID, "X-Request-ID", glsexport.String())))
	if err != nil {
		log.Fatal(err)
	}
	ran := make(chan string)
	err = client.Handle("resize", func(j glsnats.Job) error {
		ran <- fmt.Sprintf("%s for %s", j.Payload, requestID.Get())
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}

	requestID.With("r-1", func() { err = client.Go("resize", []byte("cat.png")) })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-ran)
	if err := client.Drain(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output: cat.png for r-1
}

func ExampleCall() {
	server, err := embedded.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Stop()
	client, err := glsnats.Connect(server.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	type size struct{ Width, Height int }
	err = client.Handle("half", func(j glsnats.Job) error {
		var s size
		if err := j.Decode(&s); err != nil {
			return fmt.Errorf("%w: %w", glsnats.ErrPermanent, err)
		}
		return j.Return(size{s.Width / 2, s.Height / 2})
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(glsnats.Call[size](client, "half", size{640, 480}))
	// Output: {320 240} <nil>
}
