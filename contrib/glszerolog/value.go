package glszerolog

import (
	"fmt"
	"log/slog"

	"github.com/rs/zerolog"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// addTyped adds x. It allocates nothing for the most frequent types.
func addTyped[T any](e *zerolog.Event, key string, x T) {
	switch p := any(&x).(type) { // a pointer is put into an interface without an allocation
	case *string:
		e.Str(key, *p)
	case *int:
		e.Int(key, *p)
	case *int64:
		e.Int64(key, *p)
	case *uint64:
		e.Uint64(key, *p)
	case *bool:
		e.Bool(key, *p)
	default:
		addValue(e, key, x)
	}
}

// addValue adds x.
func addValue(e *zerolog.Event, key string, x any) {
	switch x := x.(type) {
	case string:
		e.Str(key, x)
	case int:
		e.Int(key, x)
	case bool:
		e.Bool(key, x)
	case zerolog.LogObjectMarshaler:
		addObject(e, key, x)
	default:
		e.Interface(key, glsadapter.Guard(x))
	}
}

// addObject adds what x writes, or nothing if x panics, because what x wrote
// before may end within an object.
func addObject(e *zerolog.Event, key string, x zerolog.LogObjectMarshaler) {
	object := zerolog.Dict()
	defer func() {
		if r := recover(); r != nil {
			e.Str(key, fmt.Sprintf("!PANIC: %v", r))
		}
	}()
	x.MarshalZerologObject(object)
	e.Dict(key, object)
}

// addOfSet adds a field of glslog.Set.
func addOfSet(e *zerolog.Event, a slog.Attr) {
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		e.Str(a.Key, v.String())
	case slog.KindInt64:
		e.Int64(a.Key, v.Int64())
	case slog.KindUint64:
		e.Uint64(a.Key, v.Uint64())
	case slog.KindFloat64:
		e.Float64(a.Key, v.Float64())
	case slog.KindBool:
		e.Bool(a.Key, v.Bool())
	case slog.KindDuration:
		e.Dur(a.Key, v.Duration())
	case slog.KindTime:
		e.Time(a.Key, v.Time())
	default:
		e.Interface(a.Key, v.Any())
	}
}
