package glsnats_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/spawn"
)

// seen is what a job finds bound.
type seen struct {
	User, Tenant, Secret, Private string
	Depth, Bound                  int
	Trace                         glsnats.Trace
}

func look() seen {
	return seen{user.Get(), tenant.Get(), secret.Get(), private.Get(), depth.Get(), gls.CopyContext().Len(), glsnats.TraceParent.Get()}
}

// looking returns a Client that handles "look", and what its jobs saw.
func looking(t *testing.T, opts ...glsnats.Option) (*glsnats.Client, <-chan seen) {
	c := open(t, opts...)
	ch := make(chan seen, 100)
	require.NoError(t, c.Handle("look", func(glsnats.Job) error {
		ch <- look()
		return nil
	}))
	return c, ch
}

func TestBindingsTravel(t *testing.T) {
	trace := glsnats.NewTrace()
	defer user.Set("of whoever handles").Reset()
	c, ch := looking(t)

	gls.With(func() { require.NoError(t, c.Go("look", nil)) },
		user.Bind("ann, with «ümlauts»"), tenant.Bind("acme"), private.Bind("stays"), secret.Bind("stays"),
		depth.Bind(1), glsnats.TraceParent.Bind(trace))
	require.Equal(t, seen{User: "ann, with «ümlauts»", Tenant: "acme", Depth: 1, Trace: trace, Bound: 4}, receive(t, ch))

	gls.Isolate(func() { require.NoError(t, c.Go("look", nil)) })
	require.Equal(t, seen{}, receive(t, ch), "an empty Context gives an empty one")

	tenant.With("acme", func() {
		spawn.Go(func() { _ = c.Go("look", nil) })
	})
	require.Equal(t, seen{User: "of whoever handles", Tenant: "acme", Bound: 2}, receive(t, ch), "through spawn.Go")
	require.Zero(t, c.Stats().Leaky)
}

// TestJobsDoNotSeeEachOther has jobs leave bound whatever they can. The next
// ones, which are empty, must find nothing.
func TestJobsDoNotSeeEachOther(t *testing.T) {
	c := open(t)
	ch := make(chan seen, 100)
	require.NoError(t, c.Handle("leak", func(j glsnats.Job) error {
		ch <- look()
		user.Set("leak " + j.ID)
		private.Set("leak " + j.ID)
		gls.NewContext().Enter()
		user.Set("leak inside " + j.ID)
		return nil
	}, glsnats.InFlight(1)))
	const n = 50
	for range n {
		require.NoError(t, c.Go("leak", nil))
	}
	for range n {
		require.Equal(t, seen{}, receive(t, ch))
	}
	drain(t, c)
	require.EqualValues(t, n, c.Stats().Leaky)
}

// TestEveryJobHasItsOwnIdentity has many producers and jobs that overlap, go on
// in goroutines of their own, and submit others.
func TestEveryJobHasItsOwnIdentity(t *testing.T) {
	c := open(t)
	const producers, each = 16, 25
	var first, second tally
	check := func(j glsnats.Job, where string) {
		if got := look(); got.User != string(j.Payload) || got.Tenant != "t-"+got.User || got.Private != "" {
			t.Errorf("%s: job of %s ran as %+v", where, j.Payload, got)
		}
	}
	require.NoError(t, c.Handle("first", func(j glsnats.Job) error {
		check(j, "first")
		first.add(string(j.Payload))
		_, err := spawn.Start(func() (struct{}, error) {
			check(j, "spawned")
			return struct{}{}, c.Go("second", j.Payload)
		}).Wait()
		return err
	}))
	require.NoError(t, c.Handle("second", func(j glsnats.Job) error {
		check(j, "second")
		second.add(string(j.Payload))
		return nil
	}))
	var group spawn.Group
	for p := range producers {
		group.Go(func() error {
			for i := range each {
				who := fmt.Sprintf("u-%d-%d", p, i)
				var err error
				gls.With(func() { err = c.Go("first", []byte(who)) }, user.Bind(who), tenant.Bind("t-"+who), private.Bind("no"))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	eventually(t, func() bool { return second.len() == producers*each }, "jobs of jobs")
	require.Equal(t, producers*each, first.len())
	require.Zero(t, c.Stats().Leaky)
}

func TestBadHeaders(t *testing.T) {
	c, ch := looking(t)
	long := strings.Repeat("x", 9000)
	for _, test := range []struct {
		name   string
		header nats.Header
		want   seen
		report glsexport.Report
		big    uint64
	}{
		{name: "good", header: nats.Header{"baggage": {"user=ann"}}, want: seen{User: "ann", Bound: 1}, report: glsexport.Report{Carried: 1}},
		{name: "none", header: nil},
		{name: "empty value", header: nats.Header{"X-Tenant": {""}}, report: glsexport.Report{Refused: 1}},
		{name: "control characters", header: nats.Header{"baggage": {"user=a%00b"}, "X-Tenant": {"a\x01b"}}, report: glsexport.Report{Refused: 2}},
		{name: "not decodable", header: nats.Header{"baggage": {"user=%zz,depth=one"}}, report: glsexport.Report{Malformed: 1, Refused: 1}},
		{name: "two that differ", header: nats.Header{"X-Tenant": {"acme", "evil"}}, report: glsexport.Report{Ambiguous: 1}},
		{name: "two in the baggage", header: nats.Header{"baggage": {"user=ann", "user=eve"}}, report: glsexport.Report{Ambiguous: 1}},
		{name: "overlong value", header: nats.Header{"X-Tenant": {long}, "baggage": {"user=ann"}}, want: seen{User: "ann", Bound: 1},
			report: glsexport.Report{Carried: 1, Refused: 1}},
		{name: "overlong baggage", header: nats.Header{"baggage": {"user=" + long}}, report: glsexport.Report{Excess: 1}},
		{name: "overlong in sum", header: nats.Header{"X-Tenant": {"acme"}, "X-Other": {long, long, long, long}}, big: 1},
		{name: "bad trace", header: nats.Header{"traceparent": {"00-zz"}}, report: glsexport.Report{Refused: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := c.Stats()
			m := nats.NewMsg("gls.job.look")
			for key, values := range test.header {
				m.Header[key] = values
			}
			_, err := c.Conn().RequestMsg(m, patience)
			require.NoError(t, err)
			require.Equal(t, test.want, receive(t, ch))
			after := c.Stats()
			require.Equal(t, test.report, difference(after.Extracted, before.Extracted))
			require.Equal(t, test.big, after.Oversize-before.Oversize)
		})
	}
}

func difference(a, b glsexport.Report) glsexport.Report {
	return glsexport.Report{
		Carried: a.Carried - b.Carried, Kept: a.Kept - b.Kept, Refused: a.Refused - b.Refused,
		Malformed: a.Malformed - b.Malformed, Ambiguous: a.Ambiguous - b.Ambiguous, Excess: a.Excess - b.Excess,
	}
}

// TestProducerBounds has values that do not fit: the job goes all the same.
func TestProducerBounds(t *testing.T) {
	vars := make([]*gls.Var[string], 5)
	var headers []glsexport.Exported
	for i := range vars {
		vars[i] = gls.New[string](fmt.Sprintf("big%d", i))
		headers = append(headers, glsexport.ExportHeader(vars[i], fmt.Sprintf("X-Big-%d", i), glsexport.String()))
	}
	c, ch := looking(t, glsnats.Exports(headers...))
	defer user.Set("ann").Reset()

	defer tenant.Set("line\nbreak").Reset()
	require.NoError(t, c.Go("look", nil))
	require.Equal(t, seen{User: "ann", Bound: 1}, receive(t, ch))
	require.Equal(t, 1, c.Stats().Injected.Refused)

	for _, v := range vars {
		v.Set(strings.Repeat("x", 8000))
	}
	defer gls.Release()
	require.NoError(t, c.Go("look", nil))
	require.Equal(t, seen{}, receive(t, ch), "all or nothing")
	require.EqualValues(t, 1, c.Stats().Oversize)
}

func TestReservedNames(t *testing.T) {
	s := startServer(t)
	for _, name := range []string{"Nats-Msg-Id", "nats-expected-stream", "Gls-Reply", "GLS-ERROR"} {
		_, err := glsnats.Connect(s.URL(), glsnats.Exports(glsexport.ExportHeader(user, name, glsexport.String())))
		require.ErrorIs(t, err, glsexport.ErrName, name)
	}
}

// TestPropagate has bindings travel that are no variables with codecs.
func TestPropagate(t *testing.T) {
	span := gls.New[string]("span")
	var order []string
	around := func(name string) func(glsexport.Carrier, func()) {
		return func(c glsexport.Carrier, run func()) {
			order = append(order, name)
			span.With(c.Get("X-Span")+name, run)
			order = append(order, name)
		}
	}
	c := open(t,
		glsnats.Propagate(func(c glsexport.Carrier) { c.Set("X-Span", span.Get()); c.Set("X-Tenant", "first") }, around("a")),
		glsnats.Propagate(func(glsexport.Carrier) {}, around("b")))
	ch := make(chan [2]string, 1)
	require.NoError(t, c.Handle("look", func(glsnats.Job) error {
		ch <- [2]string{span.Get(), tenant.Get()}
		return nil
	}))
	gls.With(func() { require.NoError(t, c.Go("look", nil)) }, span.Bind("s"), tenant.Bind("second"))
	require.Equal(t, [2]string{"sb", "first"}, receive(t, ch))
	drain(t, c)
	require.Equal(t, []string{"a", "b", "b", "a"}, order)
	require.EqualValues(t, 1, c.Stats().Done)
	require.Panics(t, func() { glsnats.Propagate(nil, around("c")) })
}
