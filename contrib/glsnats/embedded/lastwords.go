package embedded

import "fmt"

// lastWords is a server.Logger that keeps only the reason why the server cannot
// run. The server reports that in no other way.
type lastWords struct {
	said chan string // has room for one
}

// Fatalf implements server.Logger.
func (l *lastWords) Fatalf(format string, v ...any) {
	select {
	case l.said <- fmt.Sprintf(format, v...):
	default:
	}
}

// Noticef implements server.Logger.
func (l *lastWords) Noticef(string, ...any) {}

// Warnf implements server.Logger.
func (l *lastWords) Warnf(string, ...any) {}

// Errorf implements server.Logger.
func (l *lastWords) Errorf(string, ...any) {}

// Debugf implements server.Logger.
func (l *lastWords) Debugf(string, ...any) {}

// Tracef implements server.Logger.
func (l *lastWords) Tracef(string, ...any) {}
