package glsadapter

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// Guard returns x in a form that is safe to give to a logger: encoding it as
// JSON or printing it neither panics nor fails, so one bad value never costs a
// log line. Values whose encoding cannot do either are returned unchanged; all
// others are wrapped in a [Guarded].
func Guard(x any) any {
	t := reflect.TypeOf(x)
	if t == nil {
		return x
	}
	hazard, known := hazards.Load(t)
	if !known {
		hazard = mayFail(t, maxNesting)
		hazards.Store(t, hazard)
	}
	if hazard.(bool) {
		return Guarded{x}
	}
	return x
}

// hazards caches the result of mayFail by type.
var hazards sync.Map // reflect.Type to bool

// A Guarded wraps a value whose methods may panic. It is encoded and printed as
// the value is, or as its text if the value is an error. If that panics or
// fails, the result is a text that begins with !PANIC or !ERROR, as in package
// slog.
type Guarded struct {
	Value any
}

// MarshalJSON returns the value as JSON.
func (g Guarded) MarshalJSON() (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			data, err = encode(g.panicked(r))
		}
	}()
	if failed, ok := g.Value.(error); ok {
		if _, ok := g.Value.(json.Marshaler); !ok {
			return encode(failed.Error())
		}
	}
	if data, err = encode(g.Value); err != nil {
		return encode("!ERROR:" + err.Error())
	}
	return data, nil
}

// encode returns x as JSON. It leaves the escaping of HTML to the encoder that
// called MarshalJSON.
func encode(x any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(x)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// MarshalText returns the text of the value: the result of its MarshalText
// method or, if it has none, of [fmt.Sprintf] with %+v. Package log/slog
// prefers this method.
func (g Guarded) MarshalText() (text []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			text, err = []byte(g.panicked(r)), nil
		}
	}()
	if m, ok := g.Value.(encoding.TextMarshaler); ok {
		if text, err = m.MarshalText(); err != nil {
			return []byte("!ERROR:" + err.Error()), nil
		}
		return text, nil
	}
	return []byte(fmt.Sprintf("%+v", g.Value)), nil
}

// Format prints the value. Package fmt recovers the panics of its methods.
func (g Guarded) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), g.Value)
}

// panicked returns the text to show in place of a value whose method panicked
// with r.
func (g Guarded) panicked(r any) string {
	if v := reflect.ValueOf(g.Value); v.Kind() == reflect.Pointer && v.IsNil() {
		return "<nil>" // a method that does not expect a nil receiver
	}
	return fmt.Sprintf("!PANIC: %v", r)
}

// mayFail reports whether encoding a value of type t may call a method or fail.
func mayFail(t reflect.Type, depth int) bool {
	switch t {
	case timeType, durationType, levelType:
		return false
	}
	if isRendered(t) || depth == 0 {
		return true
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Interface,
		reflect.Complex64, reflect.Complex128, reflect.Float32, reflect.Float64:
		return true // JSON has no such values, or not all of them
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return mayFail(t.Elem(), depth-1)
	case reflect.Map:
		return mayFail(t.Key(), depth-1) || mayFail(t.Elem(), depth-1)
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if mayFail(t.Field(i).Type, depth-1) {
				return true
			}
		}
	}
	return false
}
