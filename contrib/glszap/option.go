package glszap

import (
	"log/slog"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// An Option names a variable to log. Create it with [Attr] or [AttrFunc].
type Option func(*config)

// config is immutable once the options have been applied.
type config struct {
	vars []variable
}

// A variable is a variable to log. Both functions are called on the goroutine
// that logs.
type variable struct {
	bound func() bool
	field func() (f zapcore.Field, bound bool)
}

// Attr adds v under its own name, as [zap.Any] does. If a method of the value
// panics, the line contains a text that says so instead of being lost.
func Attr[T any](v *gls.Var[T]) Option {
	return attr(v.Name(), v, fieldOf[T])
}

// AttrFunc adds v under the given key, with the result of value, as [zap.Any]
// does. Use it for values that must be shortened or hidden. If value returns a
// [zapcore.Field], the value and type of that field are used. value is called
// on the goroutine that logs, and only if v is bound and the entry is going to
// be written. AttrFunc panics with [gls.ErrNilFunc] if value is nil.
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) any) Option {
	glsadapter.MustFunc("glszap.AttrFunc", value == nil)
	return attr(key, v, func(key string, x T) zapcore.Field {
		y := value(x)
		if f, ok := y.(zapcore.Field); ok {
			f.Key = key
			return guard(f)
		}
		return guard(zap.Any(key, y))
	})
}

func attr[T any](key string, v *gls.Var[T], field func(string, T) zapcore.Field) Option {
	is := variable{
		bound: func() bool {
			_, ok := v.Lookup()
			return ok
		},
		field: func() (f zapcore.Field, bound bool) {
			x, ok := v.Lookup()
			if !ok {
				return f, false
			}
			return field(key, x), true
		},
	}
	return func(c *config) { c.vars = append(c.vars, is) }
}

// fieldOf returns x as a field. It allocates nothing for the most frequent
// types.
func fieldOf[T any](key string, x T) zapcore.Field {
	switch p := any(&x).(type) { // a pointer is put into an interface without an allocation
	case *string:
		return zap.String(key, *p)
	case *int:
		return zap.Int(key, *p)
	case *int64:
		return zap.Int64(key, *p)
	case *uint64:
		return zap.Uint64(key, *p)
	case *bool:
		return zap.Bool(key, *p)
	case *time.Duration:
		return zap.Duration(key, *p)
	default:
		return guard(zap.Any(key, x))
	}
}

// guard returns f in a form that does not panic when it is encoded. zap itself
// guards fields of the types Stringer and Error.
func guard(f zapcore.Field) zapcore.Field {
	switch f.Type {
	case zapcore.ReflectType:
		f.Interface = glsadapter.Guard(f.Interface)
	case zapcore.ObjectMarshalerType, zapcore.ArrayMarshalerType, zapcore.InlineMarshalerType:
		f = recordGuarded(f)
	}
	return f
}

// ofSet returns a field of glslog.Set.
func ofSet(a slog.Attr) zapcore.Field {
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		return zap.String(a.Key, v.String())
	case slog.KindInt64:
		return zap.Int64(a.Key, v.Int64())
	case slog.KindUint64:
		return zap.Uint64(a.Key, v.Uint64())
	case slog.KindFloat64:
		return zap.Float64(a.Key, v.Float64())
	case slog.KindBool:
		return zap.Bool(a.Key, v.Bool())
	case slog.KindDuration:
		return zap.Duration(a.Key, v.Duration())
	case slog.KindTime:
		return zap.Time(a.Key, v.Time())
	default:
		return zap.Reflect(a.Key, v.Any())
	}
}
