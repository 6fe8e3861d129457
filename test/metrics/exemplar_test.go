package metrics

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var requestID = gls.New[string]("request_id")

// TestExemplars: an observation is made on the caller's goroutine, so its
// exemplar can name the request.
func TestExemplars(t *testing.T) {
	const buckets = 8
	latency := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "latency", Help: "For the test.", Buckets: prometheus.LinearBuckets(1, 1, buckets),
	})
	registry := prometheus.NewRegistry()
	registry.MustRegister(latency)
	var wg spawn.WaitGroup
	for i := range buckets {
		defer requestID.Set(fmt.Sprint("r-", i+1)).Reset()
		wg.Go(func() {
			latency.(prometheus.ExemplarObserver).ObserveWithExemplar(float64(i+1),
				prometheus.Labels{requestID.Name(): requestID.Get()})
		})
	}
	wg.Wait()
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	for _, b := range families[0].Metric[0].Histogram.Bucket {
		label := b.GetExemplar().GetLabel()
		require.Len(t, label, 1)
		require.Equal(t, "request_id", label[0].GetName())
		require.Equal(t, fmt.Sprint("r-", b.GetUpperBound()), label[0].GetValue())
	}
}
