package glsnats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A memory is a record of the deliveries of a job. The server counts deliveries
// but does not record how they ended, so the workers do: when a job has failed,
// and before they run a job that was in flight when a worker died for an
// unknown reason. A job that is done at its first delivery, as nearly all are,
// leaves none.
type memory struct {
	Delivery  int    // the last delivery that is accounted for
	Failures  int    // number of times that the function has failed or crashed its worker
	Error     string // of the last failure
	Permanent bool   // whether it was ErrPermanent

	// Company is the maximum number of jobs, including itself, that ran at the same
	// time as Delivery, or 0 if it is known how that ended. It is written before
	// the function is called.
	Company int
	// Worker is the inbox of the Client that ran Delivery, if Company is not 0.
	Worker string
	// Suspect is the maximum number of jobs that may run at the same time as the
	// next delivery, or 0 if the job is not a suspect.
	Suspect int

	revision uint64 // of the message that contains it, or 0
}

// A job that was in flight when its worker died is first run with at most
// firstCompany jobs at the same time, then with a quarter of that, and so on:
// if one of 64 jobs is the cause, it crashes two more workers before it is run
// alone.
const (
	firstCompany  = 16
	companyFactor = 4
)

// errCrashed is the failure of a job that was alone in a process that died.
var errCrashed = errors.New("the worker died while it ran this job and nothing else")

// judge updates m, as it was read, for the delivery with that number, which now
// begins. lives says that the worker of the last delivery is not dead but was
// cut off.
func (m *memory) judge(number int, lives bool) {
	switch {
	case m.Company == 1: // Delivery ran alone and is not accounted for
		m.Suspect = 1
		if !lives {
			m.Failures++
			m.Error = errCrashed.Error()
		}
	case m.Company > 1:
		m.Suspect = max(m.Company/companyFactor, 1)
	case number > m.Delivery+1 && m.Suspect == 0:
		// A delivery was not accounted for: its worker died, or was cut off.
		m.Suspect = firstCompany
	}
	m.Company, m.Worker = 0, ""
}

// hopeless reports whether the job must not be run again.
func (m *memory) hopeless(tries int) bool { return m.Permanent || m.Failures >= tries }

// A past is what is known of earlier deliveries of a job. Only the goroutine of
// the job changes it; another one reads it when the process is about to crash.
type past struct {
	mu     sync.Mutex
	memory memory // guarded by mu; the goroutine of the job reads it without
}

// remember calls f to change the memory.
func (p *past) remember(f func(m *memory)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.memory)
}

// recollect returns a copy of the memory.
func (p *past) recollect() memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.memory
}

// errStale is returned if the job was since delivered to another worker.
var errStale = errors.New("another worker has the job")

func (c *Client) memorySubject(d *delivery) string {
	return c.stream + ".tries." + d.job.Name + "." + d.key()
}

// recall reads the memory of earlier deliveries of d and updates it.
func (c *Client) recall(d *delivery) error {
	var m memory
	subject := c.memorySubject(d)
	ask, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return err
	}
	request := jetstream.DefaultAPIPrefix + "STREAM.MSG.GET." + c.triesStream()
	err = retry(c.ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		var answer *nats.Msg
		err := c.ask(ctx, patience, request, func(ctx context.Context) (err error) {
			answer, err = c.conn.RequestWithContext(ctx, request, ask)
			return err
		})
		if err != nil {
			return err
		}
		var got struct {
			Error   *jetstream.APIError
			Message struct {
				Seq  uint64
				Data []byte
			}
		}
		if err := json.Unmarshal(answer.Data, &got); err != nil {
			return err
		}
		switch e := got.Error; {
		case e == nil:
			m.revision = got.Message.Seq
			return json.Unmarshal(got.Message.Data, &m)
		case e.ErrorCode == jetstream.JSErrCodeMessageNotFound:
			return nil
		case e.ErrorCode == jetstream.JSErrCodeStreamNotFound:
			return errors.Join(e, c.heal(ctx, patience))
		default:
			return e
		}
	})
	if err != nil {
		return err
	}
	m.judge(d.number, m.Company == 1 && c.results.lives(c.ctx, m.Worker))
	d.remember(func(old *memory) { *old = m })
	d.job.Failed = m.Failures
	return nil
}

// memorize writes the memory of d. It fails with errStale if another worker has
// written it meanwhile.
func (c *Client) memorize(d *delivery) error {
	m := c.memo(d, d.recollect())
	revision := uint64(0)
	err := retry(c.ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) (err error) {
		revision, err = c.writeMemo(ctx, patience, m)
		return err
	})
	if err == nil {
		d.remember(func(m *memory) { m.revision = revision })
	}
	return err
}

// memo returns the message that contains the memory of d.
func (c *Client) memo(d *delivery, known memory) *nats.Msg {
	known.Delivery = d.number
	data, err := json.Marshal(known)
	if err != nil {
		panic(err) // it has numbers and a string
	}
	m := nats.NewMsg(c.memorySubject(d))
	m.Data = data
	// The ID lets the server recognise a repetition, which it checks before the
	// expected revision.
	m.Header.Set(nats.MsgIdHdr, rand.Text())
	m.Header.Set(nats.ExpectedLastSubjSeqHdr, strconv.FormatUint(known.revision, 10))
	return m
}

// writeMemo publishes m once and returns its revision.
func (c *Client) writeMemo(ctx context.Context, patience time.Duration, m *nats.Msg) (revision uint64, err error) {
	ack, err := c.put(ctx, patience, m)
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return 0, fmt.Errorf("%w: %w", errStale, err)
	}
	return ack.Sequence, err
}

// forget removes the memory of d, which has left the queue. If that fails, it
// expires.
func (c *Client) forget(d *delivery) {
	if d.memory.revision == 0 {
		return
	}
	ask, err := json.Marshal(map[string]string{"filter": c.memorySubject(d)})
	if err != nil {
		panic(err) // it has a string
	}
	request := jetstream.DefaultAPIPrefix + "STREAM.PURGE." + c.triesStream()
	_, err = c.conn.Request(request, ask, firstAttempt)
	c.note(d, err)
}
