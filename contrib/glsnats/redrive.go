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

// ErrNoLetter is returned for a dead letter that does not exist, or no longer
// exists.
var ErrNoLetter = errors.New("glsnats: no such dead letter")

// A Letter is a dead letter: a job that failed for good, in the stream
// [Client.DeadStream].
type Letter struct {
	Seq     uint64      // its number in the stream
	Name    string      // of the job
	ID      string      // of the job
	Payload []byte      // of the job
	Header  nats.Header // of the job, including the identity that it carries, and of the letter
	Error   string      // of the last failure
	Failed  int         // number of failures of the job
	Died    time.Time
}

// Letters returns an iterator over the dead letters of a name, or of all names
// if it is empty, oldest first. It ends with an error if the server cannot be
// asked.
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
	failed, _ := strconv.Atoi(m.Header.Get(triesHeader)) // 0 if another program wrote it
	return Letter{
		Seq: m.Sequence, Name: name, ID: jobID(name, m.Header), Payload: m.Data, Header: m.Header,
		Error: m.Header.Get(errorHeader), Failed: failed, Died: m.Time,
	}
}

// Redrive submits the job of a dead letter again, with its ID and identity; it
// may fail as often as [Tries] allows. The letter is deleted once the job is
// stored; if the job fails for good again, there is a new letter. Redrive fails
// with [ErrNoLetter] if there is no such letter. After any other error the
// letter exists, or the job is stored, or both: call Redrive again. Within
// [DedupWindow] this does not make the job run twice.
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
	// The server may still remember the ID with which the job was first stored.
	// No job is submitted with an ID like this one, since a name is not empty.
	m.Header.Set(nats.MsgIdHdr, fmt.Sprintf("/%d-%x", l.Seq, l.Died.UnixNano()))
	m.Header.Set(idHeader, l.ID)
	if _, err := c.store(ctx, m); err != nil {
		return err
	}
	err = s.DeleteMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		// Another client has redriven it meanwhile, as the same job.
		if _, gone := s.GetMsg(ctx, seq); errors.Is(gone, jetstream.ErrMsgNotFound) {
			return nil
		}
	}
	return err
}

// RedriveAll calls [Client.Redrive] for the dead letters of a name, or of all
// names if it is empty, that exist now. New letters of jobs that fail again
// meanwhile stay. It returns the number of jobs that were stored. It stops at
// the first error and returns it.
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
		case errors.Is(err, ErrNoLetter): // another client has redriven it
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}
