package glsnats

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrNoLetter is returned for a dead letter that there is not, or no more.
var ErrNoLetter = errors.New("glsnats: no such dead letter")

// A Letter is a dead letter: a job that failed for good, in the stream
// [Client.DeadStream].
type Letter struct {
	Seq     uint64      // its number in the stream
	Name    string      // of the job
	ID      string      // of the job
	Payload []byte      // of the job
	Header  nats.Header // of the job, with the identity that it carries, and of the letter
	Error   string      // of the last failure
	Failed  int         // how often the job failed
	Died    time.Time
}

// Letters returns the dead letters of a name, or of all if it is empty, oldest
// first. It ends with an error if the server cannot be asked.
func (c *Client) Letters(ctx context.Context, name string) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		if name == "" {
			name = "*"
		} else if !isName(name) {
			yield(Letter{}, fmt.Errorf("%w %q of a job", ErrName, name))
			return
		}
		s, err := c.js.Stream(ctx, c.DeadStream())
		for seq := uint64(1); err == nil; {
			var m *jetstream.RawStreamMsg
			m, err = s.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(c.deadSubject(name)))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				return
			}
			if err == nil {
				seq = m.Sequence + 1
				if !yield(c.letter(m), nil) {
					return
				}
			}
		}
		yield(Letter{}, fmt.Errorf("glsnats: letters: %w", closed(err)))
	}
}

// letter returns the letter in m.
func (c *Client) letter(m *jetstream.RawStreamMsg) Letter {
	name := strings.TrimPrefix(m.Subject, c.deadSubject(""))
	failed, _ := strconv.Atoi(m.Header.Get(triesHeader)) // 0 if it was written by other means
	return Letter{
		Seq: m.Sequence, Name: name, ID: jobID(name, m.Header), Payload: m.Data, Header: m.Header,
		Error: m.Header.Get(errorHeader), Failed: failed, Died: m.Time,
	}
}

// Redrive has the job of a dead letter run again, as often as [Tries] allows
// and with the ID and the identity that it had. The letter goes once the job is
// stored; if the job dies again, there is a new one. It fails with
// [ErrNoLetter] if there is no such letter. If it fails otherwise, the letter
// is there, or the job is stored, or both: repeat it. Within [DedupWindow] a
// repetition does not have the job run twice.
func (c *Client) Redrive(ctx context.Context, seq uint64) error {
	if err := c.redrive(ctx, seq); err != nil {
		return fmt.Errorf("glsnats: redrive letter %d: %w", seq, closed(err))
	}
	return nil
}

func (c *Client) redrive(ctx context.Context, seq uint64) error {
	s, err := c.js.Stream(ctx, c.DeadStream())
	if err != nil {
		return err
	}
	raw, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrNoLetter
	}
	if err != nil {
		return err
	}
	l := c.letter(raw)
	m := &nats.Msg{Subject: c.jobSubject(l.Name), Header: nats.Header{}, Data: l.Payload}
	for key, values := range l.Header {
		if !strings.HasPrefix(key, "Nats-") && key != errorHeader && key != triesHeader {
			m.Header[key] = values
		}
	}
	// The server may remember the ID that the job had when it was stored first.
	m.Header.Set(nats.MsgIdHdr, fmt.Sprintf("%s/%d-%x", wireID(l.Name, l.ID), l.Seq, l.Died.UnixNano()))
	m.Header.Set(idHeader, l.ID)
	if _, err := c.store(ctx, m); err != nil {
		return err
	}
	err = s.DeleteMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		// Somebody else has had it run again meanwhile, as the same job.
		if _, gone := s.GetMsg(ctx, seq); errors.Is(gone, jetstream.ErrMsgNotFound) {
			return nil
		}
	}
	return err
}

// RedriveAll calls [Client.Redrive] for the dead letters of a name, or of all
// if it is empty, that are there now. Those of jobs that die again meanwhile
// stay. It returns how many jobs it has had stored, and the first error, which
// ends it.
func (c *Client) RedriveAll(ctx context.Context, name string) (n int, err error) {
	s, err := c.js.Stream(ctx, c.DeadStream())
	if err != nil {
		return 0, fmt.Errorf("glsnats: redrive: %w", closed(err))
	}
	last := s.CachedInfo().State.LastSeq
	for l, err := range c.Letters(ctx, name) {
		if err != nil {
			return n, err
		}
		if l.Seq > last {
			break
		}
		switch err := c.Redrive(ctx, l.Seq); {
		case errors.Is(err, ErrNoLetter): // somebody else has
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}
