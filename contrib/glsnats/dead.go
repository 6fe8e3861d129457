package glsnats

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"
)

// maxErrorText is the maximum number of bytes of an error's text in the header
// of a dead letter.
const maxErrorText = 1024

// letterRoom is how much larger a dead letter may be than its job, apart from
// the text of the error. Jobs that do not leave as much are not accepted: they
// could never be buried. A job needs less when it is run again.
const letterRoom = 256

// bury turns the job of d, which failed for good, into a dead letter. The job
// leaves the queue only after the letter was stored; otherwise it is delivered
// again, and buried without being run.
func (w *worker) bury(d *delivery, suspect int, cause error) {
	c, j := w.client, &d.job
	letter := &nats.Msg{Subject: c.deadSubject(w.name), Header: nats.Header{}, Data: d.msg.Data}
	for key, values := range d.msg.Header {
		// Headers for the server had their effect when the job was stored.
		if !strings.HasPrefix(key, "Nats-") && key != replyHeader {
			letter.Header[key] = values
		}
	}
	// The key of d tells apart jobs that had the same ID one after the other.
	letter.Header.Set(nats.MsgIdHdr, d.key())
	letter.Header.Set(idHeader, j.ID)
	letter.Header.Set(triesHeader, strconv.Itoa(d.memory.Failures))
	letter.Header.Set(errorHeader, "")
	text := line(cause.Error())
	room := int(c.conn.MaxPayload()) - (letter.Size() - len(letter.Subject))
	letter.Header.Set(errorHeader, strings.ToValidUTF8(text[:min(len(text), max(room, 0))], ""))
	told, err := c.store(c.ctx, letter)
	if err != nil {
		c.note(d, fmt.Errorf("dead letter: %w", err))
		w.again(d)
		return
	}
	if !told { // else an earlier delivery was stored as a letter, and not acknowledged
		c.counters.dead.Add(1)
	}
	c.reply(d, []byte(text), true)
	c.note(d, c.ack(d, suspect))
	c.forget(d)
}

// line returns the beginning of s as one printable line.
func line(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxErrorText)], "")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
