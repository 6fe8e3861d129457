package glssarama_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/seed18162548/contextvars/contrib/recipes/glssarama"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// start returns the addresses of brokers with a topic, and a configuration of
// sarama that speaks to them.
func start(t *testing.T) ([]string, *sarama.Config) {
	t.Helper()
	brokers, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "greetings"))
	require.NoError(t, err)
	t.Cleanup(brokers.Close)
	config := sarama.NewConfig()
	config.Version = sarama.V2_1_0_0
	config.Producer.Return.Successes = true
	config.Consumer.MaxWaitTime = 10 * time.Millisecond
	return brokers.ListenAddrs(), config
}

// sarama's own clients, over the brokers that franz-go has for tests: sarama's
// mocks keep no message.
func TestMessagesKeepTheirTenant(t *testing.T) {
	glstest.CheckLeaks(t)
	tenant := gls.New[string]("tenant")
	user := gls.New[string]("user")
	exports := []glsexport.Exported{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "user", glsexport.String()),
	}
	addrs, config := start(t)
	producer, err := sarama.NewSyncProducer(addrs, config)
	require.NoError(t, err)
	defer producer.Close()
	produce := func(text string, headers ...sarama.RecordHeader) error {
		_, _, err := producer.SendMessage(glssarama.Message(&sarama.ProducerMessage{
			Topic: "greetings", Value: sarama.StringEncoder(text), Headers: headers,
		}, exports...))
		return err
	}

	require.NoError(t, produce(" "))
	user.With("ann", func() {
		require.NoError(t, produce(" bob", sarama.RecordHeader{Key: []byte("user"), Value: []byte("bob")}))
		require.NoError(t, produce(" ", sarama.RecordHeader{Key: []byte("user"), Value: []byte("ann\n")}))
	})
	var wg sync.WaitGroup // the producer sends what many ask for in one batch
	for i := range 17 {
		wg.Go(func() {
			name := fmt.Sprint("Zoë ", i)
			tenant.With(name, func() {
				user.With("ann", func() {
					if err := produce(name + " ann"); err != nil {
						t.Error(err)
					}
				})
			})
		})
	}
	wg.Wait()

	consumer, err := sarama.NewConsumer(addrs, config)
	require.NoError(t, err)
	defer consumer.Close()
	messages, err := consumer.ConsumePartition("greetings", 0, sarama.OffsetOldest)
	require.NoError(t, err)
	defer messages.Close()
	for range 20 {
		m := <-messages.Messages()
		glssarama.Consume(m, func() {
			require.Equal(t, string(m.Value), tenant.Get()+" "+user.Get())
			tenant.Set("left behind")
		}, exports...)
	}
	require.Zero(t, gls.Live())
}

// An interceptor notes whom it sees bound.
type interceptor struct {
	user *gls.Var[string]
	saw  chan string
}

func (i interceptor) OnSend(*sarama.ProducerMessage)    { i.saw <- i.user.GetOr("nobody") }
func (i interceptor) OnConsume(*sarama.ConsumerMessage) { i.saw <- i.user.GetOr("nobody") }

// Interceptors run on goroutines of sarama, for messages of everybody.
func TestInterceptorsSeeNoBindings(t *testing.T) {
	user := gls.New[string]("user")
	sees := interceptor{user, make(chan string, 1)}
	addrs, config := start(t)
	config.Producer.Interceptors = []sarama.ProducerInterceptor{sees}
	config.Consumer.Interceptors = []sarama.ConsumerInterceptor{sees}

	defer user.Set("ann").Reset()
	producer, err := sarama.NewSyncProducer(addrs, config)
	require.NoError(t, err)
	defer producer.Close()
	_, _, err = producer.SendMessage(&sarama.ProducerMessage{Topic: "greetings", Value: sarama.StringEncoder("hello")})
	require.NoError(t, err)
	require.Equal(t, "nobody", <-sees.saw)

	consumer, err := sarama.NewConsumer(addrs, config)
	require.NoError(t, err)
	defer consumer.Close()
	messages, err := consumer.ConsumePartition("greetings", 0, sarama.OffsetOldest)
	require.NoError(t, err)
	defer messages.Close()
	<-messages.Messages()
	require.Equal(t, "nobody", <-sees.saw)
}
