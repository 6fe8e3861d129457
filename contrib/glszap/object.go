package glszap

import (
	"bytes"
	"time"

	"go.uber.org/zap/zapcore"
)

// objectCalls records the calls of an ObjectEncoder that encoded a value.
type objectCalls []func(zapcore.ObjectEncoder) error

// MarshalLogObject repeats the calls.
func (c objectCalls) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	for _, call := range c {
		if err := call(enc); err != nil {
			return err
		}
	}
	return nil
}

// add records a call that cannot fail.
func (c *objectCalls) add(call func(zapcore.ObjectEncoder)) {
	*c = append(*c, func(enc zapcore.ObjectEncoder) error { call(enc); return nil })
}

func (c *objectCalls) AddArray(k string, m zapcore.ArrayMarshaler) error {
	var calls arrayCalls
	err := m.MarshalLogArray(&calls)
	*c = append(*c, func(enc zapcore.ObjectEncoder) error { return enc.AddArray(k, calls) })
	return err
}

func (c *objectCalls) AddObject(k string, m zapcore.ObjectMarshaler) error {
	var calls objectCalls
	err := m.MarshalLogObject(&calls)
	*c = append(*c, func(enc zapcore.ObjectEncoder) error { return enc.AddObject(k, calls) })
	return err
}

func (c *objectCalls) AddReflected(k string, x any) error {
	y, err := reflected(x)
	if err == nil {
		*c = append(*c, func(enc zapcore.ObjectEncoder) error { return enc.AddReflected(k, y) })
	}
	return err
}

func (c *objectCalls) AddBinary(k string, x []byte) {
	x = bytes.Clone(x)
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddBinary(k, x) })
}

func (c *objectCalls) AddByteString(k string, x []byte) {
	x = bytes.Clone(x)
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddByteString(k, x) })
}

func (c *objectCalls) OpenNamespace(k string) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.OpenNamespace(k) })
}

func (c *objectCalls) AddBool(k string, x bool) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddBool(k, x) })
}

func (c *objectCalls) AddComplex128(k string, x complex128) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddComplex128(k, x) })
}

func (c *objectCalls) AddComplex64(k string, x complex64) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddComplex64(k, x) })
}

func (c *objectCalls) AddDuration(k string, x time.Duration) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddDuration(k, x) })
}

func (c *objectCalls) AddFloat64(k string, x float64) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddFloat64(k, x) })
}

func (c *objectCalls) AddFloat32(k string, x float32) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddFloat32(k, x) })
}

func (c *objectCalls) AddInt(k string, x int) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddInt(k, x) })
}

func (c *objectCalls) AddInt64(k string, x int64) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddInt64(k, x) })
}

func (c *objectCalls) AddInt32(k string, x int32) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddInt32(k, x) })
}

func (c *objectCalls) AddInt16(k string, x int16) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddInt16(k, x) })
}

func (c *objectCalls) AddInt8(k string, x int8) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddInt8(k, x) })
}

func (c *objectCalls) AddString(k string, x string) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddString(k, x) })
}

func (c *objectCalls) AddTime(k string, x time.Time) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddTime(k, x) })
}

func (c *objectCalls) AddUint(k string, x uint) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUint(k, x) })
}

func (c *objectCalls) AddUint64(k string, x uint64) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUint64(k, x) })
}

func (c *objectCalls) AddUint32(k string, x uint32) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUint32(k, x) })
}

func (c *objectCalls) AddUint16(k string, x uint16) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUint16(k, x) })
}

func (c *objectCalls) AddUint8(k string, x uint8) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUint8(k, x) })
}

func (c *objectCalls) AddUintptr(k string, x uintptr) {
	c.add(func(enc zapcore.ObjectEncoder) { enc.AddUintptr(k, x) })
}
