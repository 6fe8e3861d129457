package glshttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Handlers find out by type assertion which optional interfaces a
// ResponseWriter has. A reply must therefore have those of the underlying
// writer, and no others. In Go this takes a type for each combination. The
// types hold one pointer, so converting them to an interface allocates nothing.

// The optional interfaces of a ResponseWriter, as bits of a set.
const (
	flusher = 1 << iota
	hijacker
	pusher
	readerFrom
	closeNotifier // deprecated, but gin calls it; only together with those that servers have
)

// withOptionals returns r with the optional interfaces of the underlying
// writer.
func (r *reply) withOptionals() http.ResponseWriter {
	set := 0
	if _, ok := r.ResponseWriter.(http.Flusher); ok {
		set |= flusher
	}
	if _, ok := r.ResponseWriter.(http.Hijacker); ok {
		set |= hijacker
	}
	if _, ok := r.ResponseWriter.(http.Pusher); ok {
		set |= pusher
	}
	if _, ok := r.ResponseWriter.(io.ReaderFrom); ok {
		set |= readerFrom
	}
	if _, ok := r.ResponseWriter.(interface{ CloseNotify() <-chan bool }); ok {
		set |= closeNotifier
	}
	switch set {
	case flusher | hijacker | readerFrom | closeNotifier:
		return replyFHRC{replyFHR{replyFH{replyF{r}}}}
	case flusher | hijacker | closeNotifier:
		return replyFHC{replyFH{replyF{r}}}
	case flusher | pusher | closeNotifier:
		return replyFPC{replyFP{replyF{r}}}
	}
	switch set &^ closeNotifier {
	case flusher | hijacker | pusher | readerFrom:
		return replyFHPR{replyFHP{replyFH{replyF{r}}}}
	case flusher | hijacker | pusher:
		return replyFHP{replyFH{replyF{r}}}
	case flusher | hijacker | readerFrom:
		return replyFHR{replyFH{replyF{r}}}
	case flusher | pusher | readerFrom:
		return replyFPR{replyFP{replyF{r}}}
	case hijacker | pusher | readerFrom:
		return replyHPR{replyHP{replyH{r}}}
	case flusher | hijacker:
		return replyFH{replyF{r}}
	case flusher | pusher:
		return replyFP{replyF{r}}
	case flusher | readerFrom:
		return replyFR{replyF{r}}
	case hijacker | pusher:
		return replyHP{replyH{r}}
	case hijacker | readerFrom:
		return replyHR{replyH{r}}
	case pusher | readerFrom:
		return replyPR{replyP{r}}
	case flusher:
		return replyF{r}
	case hijacker:
		return replyH{r}
	case pusher:
		return replyP{r}
	case readerFrom:
		return replyR{r}
	}
	return r
}

type (
	replyF    struct{ *reply }
	replyH    struct{ *reply }
	replyP    struct{ *reply }
	replyR    struct{ *reply }
	replyFH   struct{ replyF }
	replyFP   struct{ replyF }
	replyFR   struct{ replyF }
	replyHP   struct{ replyH }
	replyHR   struct{ replyH }
	replyPR   struct{ replyP }
	replyFHP  struct{ replyFH }
	replyFHR  struct{ replyFH }
	replyFPR  struct{ replyFP }
	replyHPR  struct{ replyHP }
	replyFHPR struct{ replyFHP }
	replyFHC  struct{ replyFH }
	replyFHRC struct{ replyFHR }
	replyFPC  struct{ replyFP }
)

func (w replyF) Flush()                                             { w.flush() }
func (w replyH) Hijack() (net.Conn, *bufio.ReadWriter, error)       { return w.hijack() }
func (w replyP) Push(target string, opts *http.PushOptions) error   { return w.push(target, opts) }
func (w replyR) ReadFrom(src io.Reader) (int64, error)              { return w.readFrom(src) }
func (w replyFH) Hijack() (net.Conn, *bufio.ReadWriter, error)      { return w.hijack() }
func (w replyFP) Push(target string, opts *http.PushOptions) error  { return w.push(target, opts) }
func (w replyFR) ReadFrom(src io.Reader) (int64, error)             { return w.readFrom(src) }
func (w replyHP) Push(target string, opts *http.PushOptions) error  { return w.push(target, opts) }
func (w replyHR) ReadFrom(src io.Reader) (int64, error)             { return w.readFrom(src) }
func (w replyPR) ReadFrom(src io.Reader) (int64, error)             { return w.readFrom(src) }
func (w replyFHP) Push(target string, opts *http.PushOptions) error { return w.push(target, opts) }
func (w replyFHR) ReadFrom(src io.Reader) (int64, error)            { return w.readFrom(src) }
func (w replyFPR) ReadFrom(src io.Reader) (int64, error)            { return w.readFrom(src) }
func (w replyHPR) ReadFrom(src io.Reader) (int64, error)            { return w.readFrom(src) }
func (w replyFHPR) ReadFrom(src io.Reader) (int64, error)           { return w.readFrom(src) }
func (w replyFHC) CloseNotify() <-chan bool                         { return w.closeNotify() }
func (w replyFHRC) CloseNotify() <-chan bool                        { return w.closeNotify() }
func (w replyFPC) CloseNotify() <-chan bool                         { return w.closeNotify() }

func (r *reply) flush() {
	r.fix()
	r.wrote = true
	r.ResponseWriter.(http.Flusher).Flush()
}

func (r *reply) hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	return r.ResponseWriter.(http.Hijacker).Hijack()
}

func (r *reply) push(target string, opts *http.PushOptions) error {
	return r.ResponseWriter.(http.Pusher).Push(target, opts)
}

func (r *reply) readFrom(src io.Reader) (int64, error) {
	r.fix()
	r.wrote = true
	return r.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
}

func (r *reply) closeNotify() <-chan bool {
	return r.ResponseWriter.(interface{ CloseNotify() <-chan bool }).CloseNotify()
}
