package glskafka_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/seed18162548/contextvars/contrib/recipes/glskafka"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// franz-go's own client, over the brokers that it has for tests.
func TestRecordsKeepTheirTenant(t *testing.T) {
	glstest.CheckLeaks(t)
	tenant := gls.New[string]("tenant")
	user := gls.New[string]("user")
	exports := glskafka.Produce{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "user", glsexport.String()),
	}
	brokers, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "greetings"))
	require.NoError(t, err)
	defer brokers.Close()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(brokers.ListenAddrs()...),
		kgo.DefaultProduceTopic("greetings"),
		kgo.ConsumeTopics("greetings"),
		kgo.WithHooks(exports))
	require.NoError(t, err)
	defer client.Close()

	produce := func(r *kgo.Record) { require.NoError(t, client.ProduceSync(t.Context(), r).FirstErr()) }
	produce(kgo.StringRecord(" "))
	user.With("ann", func() {
		explicit := kgo.StringRecord(" bob")
		explicit.Headers = []kgo.RecordHeader{{Key: "user", Value: []byte("bob")}}
		produce(explicit)
		hostile := kgo.StringRecord(" ")
		hostile.Headers = []kgo.RecordHeader{{Key: "user", Value: []byte("ann\n")}, {Key: "baggage", Value: []byte("tenant=a,tenant=b")}}
		produce(hostile)
	})
	for i := range 17 {
		name := fmt.Sprint("Zoë ", i)
		tenant.With(name, func() { user.With("ann", func() { produce(kgo.StringRecord(name + " ann")) }) })
	}

	for seen := 0; seen < 20; {
		fetches := client.PollFetches(t.Context())
		require.NoError(t, fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			seen++
			glskafka.Consume(r, func() {
				require.Equal(t, string(r.Value), tenant.Get()+" "+user.Get())
				tenant.Set("left behind")
			}, exports...)
		})
	}
	require.Zero(t, gls.Live())
}
