// Package glsriver is a recipe for variables in the metadata of river's jobs.
package glsriver

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// key is the member of a job's metadata that holds the headers.
const key = "gls"

// Middleware is middleware for river.Config. When jobs are inserted, it adds
// the variables with the bindings of the goroutine that inserts. When a job or
// a retry of it is worked on, it runs it in a new Context with the variables
// bound to the values in the metadata. It trusts everyone who may write to the
// table.
type Middleware struct {
	river.MiddlewareDefaults
	Vars []glsexport.Exported // immutable
}

// InsertMany implements rivertype.JobInsertMiddleware. It leaves it to river to
// refuse metadata that is not an object.
func (m *Middleware) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	headers := glsexport.MapCarrier{}
	glsexport.Inject(headers, m.Vars...)
	carried, err := json.Marshal(headers)
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		metadata := map[string]json.RawMessage{}
		broken := len(job.Metadata) > 0 && json.Unmarshal(job.Metadata, &metadata) != nil
		if len(headers) == 0 || broken || metadata == nil {
			continue
		}
		metadata[key] = carried
		if job.Metadata, err = json.Marshal(metadata); err != nil {
			return nil, err
		}
	}
	return insert(ctx)
}

// Work implements rivertype.WorkerMiddleware.
func (m *Middleware) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) (err error) {
	var metadata map[string]json.RawMessage
	var headers glsexport.MapCarrier
	if json.Unmarshal(job.Metadata, &metadata) != nil || json.Unmarshal(metadata[key], &headers) != nil {
		headers = nil
	}
	bindings, _ := glsexport.Extract(headers, m.Vars...)
	gls.Isolate(func() { gls.With(func() { err = work(ctx) }, bindings...) })
	return err
}
