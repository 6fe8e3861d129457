package spawn

import "errors"

// Gather starts every function as [Start] does and waits for all of them, also
// if some fail. It returns their values in order, and their errors joined in
// order, nil if there was none. A nil function panics with [gls.ErrNilFunc]
// before any is started. It is asyncio.gather.
func Gather[T any](fs ...func() (T, error)) ([]T, error) {
	for _, f := range fs {
		mustFunc("spawn.Gather", f == nil)
	}
	tasks := make([]*Task[T], len(fs))
	for i, f := range fs {
		tasks[i] = Start(f)
	}
	values := make([]T, len(fs))
	errs := make([]error, len(fs))
	for i, t := range tasks {
		values[i], errs[i] = t.Wait()
	}
	return values, errors.Join(errs...)
}
