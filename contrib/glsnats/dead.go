package glsnats

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"
)

// maxErrorText is what of an error's text goes into the header of a dead letter,
// in bytes.
const maxErrorText = 1024

// bury makes the job of d, which failed for good, a dead letter. It leaves the queue only
// after that was stored; otherwise it comes back.
func (w *worker) bury(d *delivery, cause error) {
	c, j := w.cluster, &d.job
	letter := &nats.Msg{Subject: c.deadSubject(w.name), Header: nats.Header{}, Data: d.msg.Data}
	for key, values := range d.msg.Header {
		// What speaks to the server was said when the job was stored.
		if !strings.HasPrefix(key, "Nats-") && key != replyHeader {
			letter.Header[key] = values
		}
	}
	letter.Header.Set(nats.MsgIdHdr, j.ID)
	letter.Header.Set(errorHeader, line(cause.Error()))
	letter.Header.Set(triesHeader, strconv.Itoa(min(j.Try, w.tries)))
	if _, err := c.store(c.ctx, letter); err != nil {
		c.onError(fmt.Errorf("glsnats: dead letter %s %s: %w", j.Name, j.ID, closed(err)))
		c.note(d, d.msg.NakWithDelay(w.backoff(j.Try)))
		return
	}
	c.counters.dead.Add(1)
	c.reply(d, []byte(line(cause.Error())), true)
	c.note(d, d.msg.Ack())
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
