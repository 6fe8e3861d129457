package main

// wrapHandler puts ContextvarsHook around the handler of every request that a
// server of net/http serves, and of every request that a client sends.
var (
	httpServer = hook{"net/http/server.go", []edit{
		replace(`\thandler\.ServeHTTP\(rw, req\)\n`, "\tContextvarsHook(handler).ServeHTTP(rw, req)\n"),
		replace(`(?m)^type serverHandler struct`, "// ContextvarsHook is put around every handler.\nvar ContextvarsHook = func(h Handler) Handler { return h }\n\ntype serverHandler struct"),
	}}
	httpClient = hook{"net/http/client.go", []edit{
		replace(`(?s)func \(c \*Client\) transport\(\) RoundTripper \{.*?\n\}\n`, `// ContextvarsClientHook is put around the transport of every client.
var ContextvarsClientHook = func(rt RoundTripper) RoundTripper { return rt }

func (c *Client) transport() RoundTripper {
	if c.Transport != nil {
		return ContextvarsClientHook(c.Transport)
	}
	return ContextvarsClientHook(DefaultTransport)
}
`),
	}}
	sqlOpen = hook{"database/sql/sql.go", []edit{
		replace(`func OpenDB\(c driver\.Connector\) \*DB \{\n`, "// ContextvarsHook is put around every connector.\nvar ContextvarsHook = func(c driver.Connector) driver.Connector { return c }\n\n// ContextvarsUnwrap returns what the hook wrapped.\nvar ContextvarsUnwrap = func(x any) any { return x }\n\nfunc OpenDB(c driver.Connector) *DB {\n\tc = ContextvarsHook(c)\n"),
	}}
	slogNew = hook{"log/slog/logger.go", []edit{
		replace(`return &Logger\{handler: h\}\n\}\n\n// With calls`, "return &Logger{handler: ContextvarsHook(h)}\n}\n\n// ContextvarsHook is put around the handler of every logger.\nvar ContextvarsHook = func(h Handler) Handler { return h }\n\n// ContextvarsUnwrap returns what the hook wrapped.\nvar ContextvarsUnwrap = func(h Handler) Handler { return h }\n\n// With calls"),
	}}
)

const (
	named  = "net/http names the caller of WriteHeader in its log, which is a wrapper"
	timers = "which of two timers fires first decides what the error says, once the transport is wrapped"
)

// handlers are what goes around the handlers of net/http and net/http/httputil.
var handlers = []config{
	{
		name: "glshttp.Handler", imports: []string{"gls/glshttp"},
		init: "\thttp.ContextvarsHook = func(h http.Handler) http.Handler { return glshttp.Handler(h) }",
	},
	{
		name: "glshttp.Handler, each request leaves a binding", imports: []string{"gls", "gls/glshttp"},
		init: `	left := gls.New[string]("left")
	http.ContextvarsHook = func(h http.Handler) http.Handler {
		return glshttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, ok := left.Lookup(); ok {
				panic("a binding of another request")
			}
			left.Set(r.URL.Path)
			h.ServeHTTP(w, r)
		}))
	}`,
	},
	{
		name: "glshttp.Extract", imports: []string{"gls", "gls/glsexport", "gls/glshttp"},
		init: `	extract := glshttp.Extract(glshttp.Exports(glsexport.ExportHeader(gls.New[string]("v"), "X-Contextvars", glsexport.String())))
	http.ContextvarsHook = func(h http.Handler) http.Handler { return glshttp.Handler(extract(h)) }`,
	},
	{
		name: "glshttp.RequestID", imports: []string{"gls/glshttp"},
		init: "\twithID := glshttp.RequestID()\n\thttp.ContextvarsHook = func(h http.Handler) http.Handler { return glshttp.Handler(withID(h)) }",
		like: `	var last atomic.Int64
	http.ContextvarsHook = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := strconv.FormatInt(last.Add(1), 10)
			if r.Header == nil {
				r.Header = make(http.Header)
			}
			r.Header.Set("X-Request-Id", id)
			w.Header().Set("X-Request-Id", id)
			h.ServeHTTP(w, r)
		})
	}`,
		likeImports: []string{"std/strconv", "std/sync/atomic"},
		likeReason:  "as with any middleware that adds a header to requests and responses",
		differs: map[string]string{
			"TestWriteHeaderNoCodeCheck":          named,
			"TestWriteHeaderNoCodeCheck_h1hijack": named,
		},
	},
}

var suites = []suite{
	{
		name: "sync.WaitGroup", pkg: "sync", tests: "^TestWaitGroup|^TestIssue76126",
		configs: []config{{name: "spawn.WaitGroup", files: map[string][]edit{"waitgroup_test.go": {
			importing("spawn"), replace(`\bWaitGroup\b([^( ]|$)`, "spawn.WaitGroup$1"),
			replace(`(?m)^func testWaitGroup`, "var _ Mutex // nothing else of the package is left\n\nfunc testWaitGroup"),
		}}}},
	},
	{
		name: "iter.Pull", pkg: "iter", tests: "Pull",
		configs: []config{{name: "gls.Pull", files: map[string][]edit{"pull_test.go": {
			importing("gls"), replace(`([^\w.])(Pull2?)\(`, "${1}gls.$2("),
		}}}},
	},
	{
		name: "context.AfterFunc", pkg: "context", tests: "AfterFunc",
		configs: []config{{name: "spawn.ContextAfterFunc", files: map[string][]edit{
			"afterfunc_test.go": {importing("spawn"), replace(`context\.AfterFunc\(`, "spawn.ContextAfterFunc(")},
			"x_test.go":         {importing("spawn"), replace(`([^\w.])AfterFunc\(`, "${1}spawn.ContextAfterFunc(")},
		}}},
	},
	{
		name: "time.AfterFunc", pkg: "time", tests: "AfterFunc|TestAfterStress|TestReset|TestZeroTimer|TestOverflow|TestIssue5745|TestStop",
		configs: []config{{name: "spawn.AfterFunc", files: map[string][]edit{"sleep_test.go": {
			importing("spawn"), replace(`([^\w.])AfterFunc\(`, "${1}spawn.AfterFunc("),
		}}}},
	},
	{name: "net/http", pkg: "net/http", long: true, hook: httpServer, configs: handlers},
	{name: "net/http/httputil", pkg: "net/http/httputil", hook: httpServer, configs: handlers},
	{
		name: "net/http, clients", pkg: "net/http", long: true, hook: httpClient,
		configs: []config{{
			name: "glshttp.Transport", imports: []string{"gls", "gls/glsexport", "gls/glshttp"},
			init: `	exports := glshttp.Exports(glsexport.ExportHeader(gls.New[string]("v"), "X-Contextvars", glsexport.String()))
	http.ContextvarsClientHook = func(rt http.RoundTripper) http.RoundTripper { return glshttp.Transport(rt, exports) }`,
			like:         `	http.ContextvarsClientHook = func(rt http.RoundTripper) http.RoundTripper { return around{rt} }`,
			declarations: "\ntype around struct{ http.RoundTripper }\n",
			likeReason:   "as with any http.RoundTripper around the transport",
			differs: map[string]string{
				"TestClientTimeout":         timers,
				"TestClientTimeout_Headers": timers,
			},
		}},
	},
	{name: "database/sql", pkg: "database/sql", hook: sqlOpen, configs: []config{
		connector("glssql.Wrap", "glssql.Wrap(c)"),
		connector("glssql.Comment, unbound", "glssql.Wrap(c, glssql.Comment(gls.New[string](\"v\")))", "gls"),
		connector("glssql.Slow", "glssql.Wrap(c, glssql.Slow(0, slog.New(slog.NewTextHandler(io.Discard, nil))))", "std/io", "std/log/slog"),
		connector("glssql.Context", "glssql.Wrap(c, glssql.Context(context.Background))", "std/context"),
	}},
	{name: "log/slog", pkg: "log/slog", hook: slogNew, configs: []config{
		logger("glslog, unbound", `	attr := glslog.Attr(gls.New[string]("v"))
	slog.ContextvarsHook = func(h slog.Handler) slog.Handler { return glslog.NewHandler(h, attr) }
	slog.ContextvarsUnwrap = func(h slog.Handler) slog.Handler {
		for {
			w, ok := h.(*glslog.Handler)
			if !ok {
				return h
			}
			h = w.Unwrap()
		}
	}`, ""),
		logger("glslog, bound", `	slog.ContextvarsHook = func(h slog.Handler) slog.Handler {
		return binds{glslog.NewHandler(strips{h}, glslog.Attr(bound))}
	}
	slog.ContextvarsUnwrap = func(h slog.Handler) slog.Handler {
		for {
			b, ok := h.(binds)
			if !ok {
				return h
			}
			h = b.Handler.(*glslog.Handler).Unwrap().(strips).Handler
		}
	}`, binding),
	}},
	{
		name: "errgroup", pkg: own + "/xsync/errgroup", tests: "^Test",
		configs: []config{{name: "spawn.Group", files: map[string][]edit{"errgroup_test.go": {
			replace(`"(golang\.org/x/sync|contextvars/xsync)/errgroup"`, `"contextvars/spawn"`), replace(`errgroup\.`, "spawn."),
		}}}},
	},
}

// connector returns a config that makes connectors as the expression says.
func connector(name, expression string, imports ...string) config {
	return config{
		name: name, imports: append([]string{"std/database/sql/driver", "gls/glssql"}, imports...),
		init: "\tsql.ContextvarsHook = func(c driver.Connector) driver.Connector { return " + expression + " }\n" +
			"\tsql.ContextvarsUnwrap = glssql.Unwrap",
		files: map[string][]edit{"sql_test.go": {
			replace(`([\w\[\]]+(?:\.[\w\[\]()]+)*)\.\(\*((?:fake|ctxOnly)\w+)\)`, "ContextvarsUnwrap($1).(*$2)"),
		}, "fakedb_test.go": {
			replace(`return (\w+)\.\(interface \{\n\t\tgetFakeConn`, "return ContextvarsUnwrap($1).(interface {\n\t\tgetFakeConn").from(27),
		}},
	}
}

const defaultLoop = "a handler around slog's initial one cannot be the default: it would wait for itself, and glslog says so"

// logger returns a config whose init sets the hooks of log/slog.
func logger(name, init, declarations string) config {
	differs := map[string]string{"TestPanics": defaultLoop}
	imports := []string{"gls", "gls/glslog"}
	if declarations != "" {
		imports = append(imports, "std/context")
		for _, test := range []string{"TestAlloc", "TestJSONAllocs", "TestTextHandlerAlloc"} {
			differs[test] = "what takes the variable off again allocates"
		}
		differs["TestReplaceAttrGroups"] = "ReplaceAttr sees the arguments of With once more for a set of bindings"
	}
	return config{
		name: name, imports: imports, init: init, differs: differs, declarations: declarations,
		files: map[string][]edit{"logger_test.go": {
			replace(`(\w+\.Handler\(\))\.\(\*captureHandler\)`, "ContextvarsUnwrap($1).(*captureHandler)"),
		}},
	}
}

// binding has a variable bound during every record, and takes it off again
// behind the handler of glslog, so that the tests find what they expect.
const binding = `
var bound = gls.New[string]("bound")

type binds struct{ slog.Handler }

func (b binds) Handle(ctx context.Context, r slog.Record) error {
	defer bound.Set("x").Reset()
	return b.Handler.Handle(ctx, r)
}

func (b binds) WithAttrs(attrs []slog.Attr) slog.Handler { return binds{b.Handler.WithAttrs(attrs)} }
func (b binds) WithGroup(name string) slog.Handler       { return binds{b.Handler.WithGroup(name)} }

type strips struct{ slog.Handler }

func (s strips) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "bound" {
			clean.AddAttrs(a)
		}
		return true
	})
	return s.Handler.Handle(ctx, clean)
}

func (s strips) WithAttrs(attrs []slog.Attr) slog.Handler {
	var kept []slog.Attr
	for _, a := range attrs {
		if a.Key != "bound" {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		return s
	}
	return strips{s.Handler.WithAttrs(kept)}
}

func (s strips) WithGroup(name string) slog.Handler { return strips{s.Handler.WithGroup(name)} }
`
