//go:build gls_servers

package glsamqp_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/recipes/glsamqp"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// amqp091's own client, over the RabbitMQ that Debian has.
func TestDeliveriesKeepTheirTenant(t *testing.T) {
	url := startRabbitMQ(t)
	glstest.CheckLeaks(t)
	conn, err := amqp.Dial(url)
	require.NoError(t, err)
	defer conn.Close()
	channel, err := conn.Channel()
	require.NoError(t, err)
	q, err := channel.QueueDeclare("greetings", false, true, false, false, nil)
	require.NoError(t, err)
	publish := func(text string) error {
		return channel.PublishWithContext(t.Context(), "", q.Name, false, false,
			glsamqp.Publishing(amqp.Publishing{Body: []byte(text)}, exports...))
	}

	require.NoError(t, publish("/"))
	const senders = 19
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			name := fmt.Sprint("Zoë ", i)
			tenant.With(name, func() {
				user.With("ann", func() {
					if err := publish(name + "/ann"); err != nil {
						t.Error(err)
					}
				})
			})
		})
	}
	wg.Wait()

	deliveries, err := channel.Consume(q.Name, "", false, false, false, false, nil)
	require.NoError(t, err)
	handled := make(map[uint64]bool)
	for len(handled) < 1+senders {
		d := <-deliveries
		glsamqp.Consume(d, func() {
			require.Equal(t, string(d.Body), tenant.Get()+"/"+user.Get())
			tenant.Set("left behind")
			if !d.Redelivered {
				require.NoError(t, d.Nack(false, true)) // it keeps its tenant then, too
				return
			}
			handled[d.DeliveryTag] = true
			require.NoError(t, d.Ack(false))
		}, exports...)
	}
	require.Zero(t, gls.Live())
}

// startRabbitMQ starts a server on the loopback interface, with everything that
// it writes in a directory of the test, and returns its URL.
func startRabbitMQ(t *testing.T) (url string) {
	t.Helper()
	dir, names, port := t.TempDir(), freePort(t), freePort(t)
	// Erlang's name server would otherwise be started and stay.
	startServer(t, names, nil, "epmd", "-port", names, "-address", "127.0.0.1")
	startServer(t, port, []string{
		"HOME=" + dir,
		"ERL_EPMD_PORT=" + names,
		"RABBITMQ_NODENAME=gls@localhost",
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		"RABBITMQ_NODE_PORT=" + port,
		"RABBITMQ_DIST_PORT=" + freePort(t),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_LOGS=-",
		"RABBITMQ_LOG_BASE=" + dir + "/log",
		"RABBITMQ_MNESIA_BASE=" + dir + "/data",
		"RABBITMQ_PID_FILE=" + dir + "/pid",
		"RABBITMQ_CONF_ENV_FILE=" + dir + "/none", // none of the machine's configuration
		"RABBITMQ_CONFIG_FILE=" + dir + "/none",
		"RABBITMQ_ADVANCED_CONFIG_FILE=" + dir + "/none",
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + dir + "/none",
	}, "/usr/lib/rabbitmq/bin/rabbitmq-server")
	return "amqp://guest:guest@127.0.0.1:" + port
}

// startServer runs a server until the test ends, and waits for it to listen.
func startServer(t *testing.T, port string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with the children of a script
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start(), "is it installed?")
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-ended
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil || len(ended) > 0
	}, time.Minute, 10*time.Millisecond)
	require.Empty(t, ended, "%s", &log)
}

// freePort returns a port of this machine on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
