package glsdebug

import (
	"context"
	"net/http"
	"runtime"
	"sort"
	"strconv"
	"time"

	"github.com/seed18162548/contextvars/internal/registry"
)

// Stacks are taken by POST requests, so that no link, image or prefetch stops
// the world. A form proves by a mark that it is part of this page. A client
// that is not a browser sends the header X-Gls-Stacks instead, which no form of
// another site can.

// An asking is the number of times that the page has asked whether to stop the
// world.
type asking int

const (
	first asking = iota
	second
)

// stackHeader is sent by clients that are not browsers, in place of the mark.
const stackHeader = "X-Gls-Stacks"

// grouped is the value of query.Stacks for the stacks of all rows.
const grouped = "grouped"

// A question is what the page shows before it takes stacks.
type question struct {
	Query      query
	Second     bool
	Goroutines int
	Limit      int
	Pause      string // roughly how long the world will be stopped
	Token      string
}

// perGoroutine is the time that a trace takes per goroutine of half a dozen
// frames: 1.8 s for a hundred thousand, on a small cloud machine of 2026.
const perGoroutine = 18 * time.Microsecond

// ask asks whether to take stacks.
func (h *handler) ask(w http.ResponseWriter, q query, a asking) {
	n := runtime.NumGoroutine()
	respond(w, markup, renderer("ask", question{
		Query: q, Second: a == second, Goroutines: n, Limit: h.stackLimit,
		Pause: duration(time.Duration(n) * perGoroutine), Token: h.formMark,
	}))
}

// serveStacks answers a POST.
func (h *handler) serveStacks(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	q := parseQuery(r.URL.Query())
	ours := same(r.PostFormValue("token"), h.formMark)
	tool := r.Header.Get(stackHeader)
	switch many := runtime.NumGoroutine() > h.stackLimit; {
	case !ours && tool == "":
		w.WriteHeader(http.StatusForbidden)
		h.ask(w, q, first) // the program may have restarted since the form was made
	case many && ours && r.PostFormValue("confirm") != "yes":
		h.ask(w, q, second)
	case many && !ours && tool != "confirmed":
		refuse(w, http.StatusConflict, "This stops "+strconv.Itoa(runtime.NumGoroutine())+" goroutines. If you mean it, send "+stackHeader+": confirmed.")
	default:
		var s *stacks
		if h.turn.take(r.Context(), func() { s = h.takeStacks(r.Context(), q) }) != nil {
			return // the client has gone
		}
		switch r.URL.Query().Get("format") {
		case "json":
			respond(w, jsonType, s.writeJSON)
		case "text":
			respond(w, plain, s.writeText)
		default:
			respond(w, markup, renderer("stacks", s))
		}
	}
}

// stacks is the part of a trace that is about the goroutines of a query.
type stacks struct {
	Query   query
	Time    time.Time
	Pause   string // how long the world was stopped
	Total   int    // goroutines in the trace
	Found   int    // goroutines in the trace that hold state and match the query
	Cut     bool   // whether the trace was cut off
	Groups  []group
	Omitted int // groups beyond maxGroups
}

// A group is goroutines with the same stack and the same bindings.
type group struct {
	stack             // of the first one
	States   []string // of all, each once
	IDs      []int64
	Bindings []boundVar
}

const (
	// maxTrace is the maximum size of a trace.
	maxTrace = 64 << 20
	// maxGroups is more than anyone reads.
	maxGroups = 200
)

// takeStacks stops the world and returns the stacks that q asks for. It reads
// the bindings just before. The caller must have the turn.
func (h *handler) takeStacks(ctx context.Context, q query) *stacks {
	one, _ := strconv.ParseInt(q.Stacks, 10, 64)
	if one != 0 {
		q.Var, q.Value = "", ""
	}
	v := h.newView(ctx, q)
	s := &stacks{Query: q, Time: v.Time}
	byID := make(map[int64]registry.Entry, len(v.entries))
	for _, e := range v.entries {
		if one == 0 || e.ID == one {
			byID[e.ID] = e
		}
	}
	trace, pause, cut := takeTrace()
	s.Pause, s.Cut = duration(pause), cut

	groups := make(map[string]*group)
	list, all := parseTrace(trace, func(id int64) bool { _, ok := byID[id]; return ok })
	s.Found, s.Total = len(list), all
	for _, st := range list {
		st.spawnedBy(byID[st.ID].Record)
		bindings := v.bindings(byID[st.ID])
		key := st.key() + line(bindings)
		g := groups[key]
		if g == nil {
			g = &group{stack: st, Bindings: bindings}
			groups[key] = g
		}
		g.add(st)
	}
	for _, g := range groups {
		s.Groups = append(s.Groups, *g)
	}
	sort.Slice(s.Groups, func(i, j int) bool {
		a, b := s.Groups[i], s.Groups[j]
		if len(a.IDs) != len(b.IDs) {
			return len(a.IDs) > len(b.IDs)
		}
		return a.ID < b.ID
	})
	if len(s.Groups) > maxGroups {
		s.Omitted = len(s.Groups) - maxGroups
		s.Groups = s.Groups[:maxGroups]
	}
	return s
}

// add adds st to g.
func (g *group) add(st stack) {
	g.IDs = append(g.IDs, st.ID)
	for _, state := range g.States {
		if state == st.State {
			return
		}
	}
	g.States = append(g.States, st.State)
}

// takeTrace stops the world for a trace of all goroutines, because the runtime
// cannot take a trace of a single other one. It returns how long that took and
// whether the trace was cut off. The buffer is large enough for traces of the
// usual size, so one stop usually suffices.
func takeTrace() (trace []byte, pause time.Duration, cut bool) {
	const usual = 2 << 10
	size := runtime.NumGoroutine()*usual + 1<<20
	for {
		if size > maxTrace {
			size = maxTrace
		}
		buf := make([]byte, size)
		start := time.Now()
		n := runtime.Stack(buf, true)
		pause += time.Since(start)
		if n < len(buf) || size == maxTrace {
			return buf[:n], pause, n == len(buf)
		}
		size *= 4
	}
}
