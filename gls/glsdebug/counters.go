package glsdebug

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// counters holds the counters of the library and of glshttp.
type counters struct {
	gls.Stats
	Requests   uint64 // that glshttp.Handler served
	Leaky      uint64 // those of them that left something bound
	RefusedIDs uint64 // request IDs that glshttp replaced
	Leaks      []leak // what was left bound, the most frequent first
}

// A leak is a variable that requests left bound.
type leak struct {
	Var   string `json:"var"`
	Count uint64 `json:"requests"`
}

func readCounters() counters {
	barrier := glshttp.ReadStats()
	c := counters{Stats: gls.ReadStats(), Requests: barrier.Requests, Leaky: barrier.Leaky, RefusedIDs: barrier.RefusedIDs}
	place := make(map[string]int) // several variables may have the same name, but series must not
	for _, l := range barrier.Leaks {
		i, ok := place[l.Var.Name()]
		if !ok {
			i = len(c.Leaks)
			place[l.Var.Name()] = i
			c.Leaks = append(c.Leaks, leak{Var: l.Var.Name()})
		}
		c.Leaks[i].Count += l.Count
	}
	return c
}

// MarshalJSON gives the counters the names that the JSON and expvar forms have.
func (c counters) MarshalJSON() ([]byte, error) {
	leaks := c.Leaks
	if leaks == nil {
		leaks = []leak{}
	}
	return json.Marshal(struct {
		Live          uint64 `json:"live"`
		Slots         uint64 `json:"slots"`
		Sweeps        uint64 `json:"sweeps"`
		Reclaimed     uint64 `json:"reclaimed"`
		FastID        bool   `json:"fast_id"`
		FastLiveness  bool   `json:"fast_liveness"`
		Requests      uint64 `json:"http_requests"`
		LeakyRequests uint64 `json:"http_leaky_requests"`
		RefusedIDs    uint64 `json:"http_refused_request_ids"`
		Leaks         []leak `json:"http_leaks"`
	}{
		c.Live, c.Slots, c.Sweeps, c.Reclaimed, c.FastID, c.FastLiveness,
		c.Requests, c.Leaky, c.RefusedIDs, leaks,
	})
}

// An Expvar is a variable for package expvar that shows the counters:
//
//	expvar.Publish("gls", glsdebug.Expvar{})
//
// This package does not import expvar, because that would register /debug/vars
// in every program that imports this package.
type Expvar struct{}

// String returns the counters as a JSON object. It may be called from any
// goroutine and costs the same as gls.ReadStats.
func (Expvar) String() string {
	b, err := json.Marshal(readCounters())
	if err != nil {
		panic(err) // numbers, booleans and strings always marshal
	}
	return string(b)
}

// writeExpvar writes what package expvar would serve if Expvar were its only
// variable.
func writeExpvar(w io.Writer) error {
	_, err := fmt.Fprintf(w, "{\n\"gls\": %s\n}\n", Expvar{})
	return err
}

// WriteMetrics writes the counters in the text format of Prometheus, version
// 0.0.4, for programs that have their own metrics page. It costs the same as
// gls.ReadStats.
func WriteMetrics(w io.Writer) error {
	c := readCounters()
	b := bufio.NewWriter(w)
	for _, m := range []struct {
		name, kind, help string
		value            uint64
	}{
		{"gls_goroutines", "gauge", "Goroutines that hold bindings, ended ones that are not yet reclaimed included.", c.Live},
		{"gls_slots", "gauge", "Slots in the hash tables of the registry.", c.Slots},
		{"gls_sweeps_total", "counter", "Sweeps of a shard of the registry for ended goroutines.", c.Sweeps},
		{"gls_reclaimed_total", "counter", "Goroutines that ended without a reset and were removed by sweeps.", c.Reclaimed},
		{"gls_fast_id", "gauge", "Whether goroutine IDs are read from the runtime's g (1) or parsed from traces (0).", bit(c.FastID)},
		{"gls_fast_liveness", "gauge", "Whether sweeps ask the runtime's g who has ended (1) or take a trace of all goroutines (0).", bit(c.FastLiveness)},
		{"gls_http_requests_total", "counter", "Requests that glshttp.Handler served.", c.Requests},
		{"gls_http_leaky_requests_total", "counter", "Requests that left something bound, which was dropped.", c.Leaky},
		{"gls_http_refused_request_ids_total", "counter", "Request IDs that came in, were not valid, and were replaced.", c.RefusedIDs},
	} {
		fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", m.name, m.help, m.name, m.kind, m.name, m.value)
	}
	const leaked = "gls_http_leaked_bindings_total"
	if len(c.Leaks) > 0 {
		fmt.Fprintf(b, "# HELP %s Requests that left the variable bound.\n# TYPE %s counter\n", leaked, leaked)
	}
	for _, l := range c.Leaks {
		fmt.Fprintf(b, "%s{variable=\"%s\"} %d\n", leaked, labelValue.Replace(strings.ToValidUTF8(l.Var, "\uFFFD")), l.Count)
	}
	return b.Flush()
}

// labelValue escapes the characters that must not be in a label's value.
var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
