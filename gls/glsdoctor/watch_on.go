//go:build gls_doctor

package glsdoctor

import "github.com/seed18162548/contextvars/internal/observe"

func init() {
	observe.Watch(watcher{})
	count(alive, "", "")
}
