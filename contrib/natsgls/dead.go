package natsgls

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

// bury makes j, which failed for good, a dead letter. It leaves the queue only
// after that was stored; otherwise it comes back.
func (w *worker) bury(m *nats.Msg, j Job, cause error) {
	c := w.cluster
	letter := &nats.Msg{Subject: c.deadSubject(w.name), Header: nats.Header{}, Data: m.Data}
	for key, values := range m.Header {
		// What speaks to the server was said when the job was stored.
		if !strings.HasPrefix(key, "Nats-") && key != replyHeader {
			letter.Header[key] = values
		}
	}
	letter.Header.Set(nats.MsgIdHdr, j.ID)
	letter.Header.Set(errorHeader, line(cause.Error()))
	letter.Header.Set(triesHeader, strconv.Itoa(min(j.Try, w.tries)))
	if _, err := c.store(c.ctx, letter); err != nil {
		c.onError(fmt.Errorf("natsgls: dead letter %s %s: %w", j.Name, j.ID, closed(err)))
		c.note(j, m.NakWithDelay(w.backoff(j.Try)))
		return
	}
	c.counters.dead.Add(1)
	c.reply(m, j, []byte(line(cause.Error())), true)
	c.note(j, m.Ack())
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
