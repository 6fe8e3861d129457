package glszap

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// firstNamespace returns the index of the first field that opens a namespace,
// or len(fields).
func firstNamespace(fields []zapcore.Field) int {
	for i, f := range fields {
		switch f.Type {
		case zapcore.NamespaceType:
			return i
		case zapcore.InlineMarshalerType:
			return i // it may open one, and may be asked only once
		}
	}
	return len(fields)
}

// freeze returns fields as they would be encoded now, in a form that can no
// longer change.
func freeze(fields []zapcore.Field) []zapcore.Field {
	frozen := make([]zapcore.Field, len(fields))
	for i, f := range fields {
		switch f.Type {
		case zapcore.ArrayMarshalerType, zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType,
			zapcore.BinaryType, zapcore.ByteStringType, zapcore.ReflectType, zapcore.StringerType, zapcore.ErrorType:
			f = record(f)
		}
		frozen[i] = f
	}
	return frozen
}

// record returns a field that every encoder encodes as it would encode f now.
func record(f zapcore.Field) zapcore.Field {
	var calls objectCalls
	f.AddTo(&calls)
	return zapcore.Field{Key: f.Key, Type: zapcore.InlineMarshalerType, Interface: calls}
}

// recordGuarded is like record but returns a text instead if a method panics.
func recordGuarded(f zapcore.Field) (recorded zapcore.Field) {
	defer func() {
		if r := recover(); r != nil {
			recorded = zap.String(f.Key, fmt.Sprintf("!PANIC: %v", r))
		}
	}()
	return record(f)
}

// reflected returns x in a form that can no longer change, or the error of
// encoding it as JSON.
func reflected(x any) (any, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // as zap's own
	if err := enc.Encode(x); err != nil {
		return nil, err
	}
	if same, ok := glsadapter.Snapshot(x); ok {
		return same, nil
	}
	return json.RawMessage(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}
