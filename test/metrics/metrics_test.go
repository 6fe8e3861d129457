// Package metrics reads what glsdebug writes with the parser that Prometheus
// and promtool read it with.
package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// scrape returns the metrics that the page serves, as a Prometheus server does.
func scrape(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	s := httptest.NewServer(glsdebug.Handler(glsdebug.Token("scraped")))
	defer s.Close()
	r, err := http.NewRequest("GET", s.URL+"/debug/gls?format=prometheus", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer scraped")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, expfmt.TypeTextPlain, expfmt.ResponseFormat(resp.Header).FormatType())
	families, err := parse(resp.Body)
	require.NoError(t, err)
	return families
}

func parse(r io.Reader) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	return parser.TextToMetricFamilies(r)
}

// value returns the value of the only sample of the family name.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string) float64 {
	t.Helper()
	f := families[name]
	require.NotNil(t, f, name)
	require.Len(t, f.Metric, 1, name)
	if f.GetType() == dto.MetricType_COUNTER {
		return f.Metric[0].Counter.GetValue()
	}
	require.Equal(t, dto.MetricType_GAUGE, f.GetType(), name)
	return f.Metric[0].Gauge.GetValue()
}

// leak serves a request that leaves v bound, inside glshttp.Handler.
func leak(t *testing.T, v *gls.Var[string]) {
	t.Helper()
	s := httptest.NewServer(glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { v.Set("left") })))
	defer s.Close()
	resp, err := http.Get(s.URL)
	require.NoError(t, err)
	resp.Body.Close()
}

func TestEveryFamilyIsAsNamed(t *testing.T) {
	families := scrape(t)
	require.NotEmpty(t, families)
	for name, f := range families {
		require.NotEmpty(t, f.GetHelp(), name)
		require.True(t, strings.HasPrefix(name, "gls_"), name)
		counter := f.GetType() == dto.MetricType_COUNTER
		require.Equal(t, counter, strings.HasSuffix(name, "_total"), "%s: counters, and only they, end so", name)
	}
}

func TestValuesAreThoseOfReadStats(t *testing.T) {
	v := gls.New[string]("bound")
	defer v.Set("x").Reset()
	families := scrape(t)
	st := gls.ReadStats()
	require.EqualValues(t, st.Live, value(t, families, "gls_goroutines"))
	require.EqualValues(t, st.Slots, value(t, families, "gls_slots"))
	require.EqualValues(t, st.Reclaimed, value(t, families, "gls_reclaimed_total"))
	require.Equal(t, st.FastID, value(t, families, "gls_fast_id") == 1)
	require.Equal(t, st.FastLiveness, value(t, families, "gls_fast_liveness") == 1)
}

// TestLabelsSurvive: whatever a variable is called, the parser gets it back.
func TestLabelsSurvive(t *testing.T) {
	names := []string{"plain", `quote " backslash \ end\`, "two\nlines", "ünïcödé 漢", "", `{le="1"} 5`, "shared", "shared"}
	for _, name := range names {
		leak(t, gls.New[string](name))
	}
	leak(t, gls.New[string]("not\xffUTF-8"))
	names = append(names, "not\uFFFDUTF-8")

	families := scrape(t)
	counts := make(map[string]float64)
	for _, m := range families["gls_http_leaked_bindings_total"].Metric {
		require.Len(t, m.Label, 1)
		require.Equal(t, "variable", m.Label[0].GetName())
		_, twice := counts[m.Label[0].GetValue()]
		require.False(t, twice, "a series must not occur twice")
		counts[m.Label[0].GetValue()] = m.Counter.GetValue()
	}
	want := make(map[string]float64)
	for _, name := range names {
		want[name]++
	}
	for name, n := range want {
		require.Equal(t, n, counts[name], "%q", name)
	}
	require.EqualValues(t, len(names), value(t, families, "gls_http_leaky_requests_total"))
}

func TestWriteMetricsIsTheSame(t *testing.T) {
	var b strings.Builder
	require.NoError(t, glsdebug.WriteMetrics(&b))
	families, err := parse(strings.NewReader(b.String()))
	require.NoError(t, err)
	for name := range scrape(t) {
		require.Contains(t, families, name)
	}
}
