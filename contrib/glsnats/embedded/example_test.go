package embedded_test

import (
	"fmt"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// A server in the process of a test or a demonstration, and a client of it.
func Example() {
	server, err := embedded.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Stop()

	client, err := glsnats.Connect(server.URL())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	double, err := 0, client.Handle("double", func(j glsnats.Job) error {
		var n int
		if err := j.Decode(&n); err != nil {
			return err
		}
		return j.Return(2 * n)
	})
	if err == nil {
		double, err = glsnats.Call[int](client, "double", 21)
	}
	fmt.Println(double, err)
	// Output: 42 <nil>
}
