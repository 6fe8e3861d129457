package glshttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

func trust(yes bool) glshttp.TrustOption {
	return glshttp.Trust(func(*http.Request) bool { return yes })
}

// whoami answers with what is bound.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, user.GetOr("nobody")+" "+tenant.GetOr("none"))
})

// send sends these headers to a real server for h and returns the body.
func send(t *testing.T, h http.Handler, header http.Header) string {
	t.Helper()
	s := serve(t, h)
	req, err := http.NewRequest("GET", s.URL, nil)
	require.NoError(t, err)
	req.Header = header
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestExtractTrustsNobodyByDefault(t *testing.T) {
	claim := http.Header{"Baggage": {"user=admin"}, "X-Tenant": {"t-1"}}
	require.Equal(t, "nobody none", send(t, glshttp.Extract(exported)(whoami), claim))
	require.Equal(t, "nobody none", send(t, glshttp.Extract(exported, trust(false))(whoami), claim))
	require.Equal(t, "admin t-1", send(t, glshttp.Extract(exported, trust(true))(whoami), claim))
	require.Equal(t, "nobody none", send(t, glshttp.Extract(trust(true))(whoami), claim), "nothing is exported by itself")
}

func TestTrustIsAskedAboutEveryRequest(t *testing.T) {
	peer := glshttp.Trust(func(r *http.Request) bool { return r.RemoteAddr == "10.0.0.1:1" })
	h := glshttp.Extract(exported, peer)(whoami)
	for addr, want := range map[string]string{"10.0.0.1:1": "ann none", "10.0.0.2:1": "nobody none"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = addr
		r.Header.Set("baggage", "user=ann")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Body.String())
	}
	require.Zero(t, gls.CopyContext().Len(), "reset afterwards")
}

func TestExtractGoesOnWithoutWhatIsWrong(t *testing.T) {
	h := glshttp.Extract(exported, trust(true))(whoami)
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string
		count  glsexport.Report
	}{
		{"malformed", http.Header{"Baggage": {"user,x=y z,user=ann"}}, "ann none", glsexport.Report{Carried: 1, Malformed: 2}},
		{"control characters", http.Header{"Baggage": {"user=a%0d%0ab"}, "X-Tenant": {"t-1"}}, "nobody t-1", glsexport.Report{Carried: 1, Refused: 1}},
		{"high bytes", http.Header{"X-Tenant": {"\xff"}}, "nobody none", glsexport.Report{Refused: 1}},
		{"two who differ", http.Header{"Baggage": {"user=ann", "user=bob"}, "X-Tenant": {"a", "b"}}, "nobody none", glsexport.Report{Ambiguous: 2}},
		{"too many", http.Header{"Baggage": {strings.Repeat("a=b,", 63) + "user=ann,c=d"}}, "ann none", glsexport.Report{Carried: 1, Excess: 1}},
		{"too long", http.Header{"Baggage": {"user=ann,a=" + strings.Repeat("x", 8192) + ",b=c"}}, "ann none", glsexport.Report{Carried: 1, Excess: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := glshttp.ReadStats().Extracted
			require.Equal(t, tt.want, send(t, h, tt.header))
			after := glshttp.ReadStats().Extracted
			require.Equal(t, tt.count, glsexport.Report{
				Carried: after.Carried - before.Carried, Refused: after.Refused - before.Refused,
				Malformed: after.Malformed - before.Malformed, Ambiguous: after.Ambiguous - before.Ambiguous,
				Excess: after.Excess - before.Excess,
			})
		})
	}
}

func TestExtractRemovesWhatStrangersSay(t *testing.T) {
	for _, tt := range []struct {
		name  string
		opts  []glshttp.ExtractOption
		want  http.Header
		bound string
	}{
		{"untrusted", nil, http.Header{"Accept": {"a"}, "Baggage": {"color=red"}}, ""},
		{"not trusted", []glshttp.ExtractOption{trust(false)}, http.Header{"Accept": {"a"}, "Baggage": {"color=red"}}, ""},
		{"trusted", []glshttp.ExtractOption{trust(true)}, nil, "admin"},
		{"kept", []glshttp.ExtractOption{glshttp.KeepUntrusted()}, nil, ""},
		{"options that are nil or zero", []glshttp.ExtractOption{nil, trust(true), glshttp.TrustOption{}}, nil, "admin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{"Baggage": {"user=admin,color=red"}, "X-Tenant": {"t-1"}, "Accept": {"a"}}
			if tt.want == nil {
				tt.want = header
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.Header = header
			h := glshttp.Extract(append(tt.opts, exported)...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				require.Equal(t, tt.want, r.Header)
				require.Equal(t, tt.bound, user.Get())
			}))
			h.ServeHTTP(httptest.NewRecorder(), r)
			require.Len(t, header, 3, "the map itself is left alone")
			require.Equal(t, "user=admin,color=red", header.Get("Baggage"))
		})
	}
}

// From one process to the next and the one after, over real connections.
func TestVariablesTravelThroughServers(t *testing.T) {
	last := serve(t, glshttp.Handler(glshttp.Extract(exported, trust(true))(whoami)))
	client := &http.Client{Transport: glshttp.Transport(nil, exported)}
	first := serve(t, glshttp.Handler(glshttp.Extract(exported, trust(true))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		resp, err := client.Get(last.URL)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	}))))
	defer user.Set("Amélie, or \"A\"; 100%").Reset()
	defer tenant.Set("t 1").Reset()
	_, body := get(t, client, first.URL)
	require.Equal(t, "Amélie, or \"A\"; 100% t 1", body)
}
