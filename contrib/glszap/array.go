package glszap

import (
	"bytes"
	"time"

	"go.uber.org/zap/zapcore"
)

// arrayCalls records the calls of an ArrayEncoder that encoded a value.
type arrayCalls []func(zapcore.ArrayEncoder) error

// MarshalLogArray repeats the calls.
func (c arrayCalls) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	for _, call := range c {
		if err := call(enc); err != nil {
			return err
		}
	}
	return nil
}

// add records a call that cannot fail.
func (c *arrayCalls) add(call func(zapcore.ArrayEncoder)) {
	*c = append(*c, func(enc zapcore.ArrayEncoder) error { call(enc); return nil })
}

func (c *arrayCalls) AppendArray(m zapcore.ArrayMarshaler) error {
	var calls arrayCalls
	err := m.MarshalLogArray(&calls)
	*c = append(*c, func(enc zapcore.ArrayEncoder) error { return enc.AppendArray(calls) })
	return err
}

func (c *arrayCalls) AppendObject(m zapcore.ObjectMarshaler) error {
	var calls objectCalls
	err := m.MarshalLogObject(&calls)
	*c = append(*c, func(enc zapcore.ArrayEncoder) error { return enc.AppendObject(calls) })
	return err
}

func (c *arrayCalls) AppendReflected(x any) error {
	y, err := reflected(x)
	if err == nil {
		*c = append(*c, func(enc zapcore.ArrayEncoder) error { return enc.AppendReflected(y) })
	}
	return err
}

func (c *arrayCalls) AppendByteString(x []byte) {
	x = bytes.Clone(x)
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendByteString(x) })
}

func (c *arrayCalls) AppendBool(x bool) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendBool(x) })
}

func (c *arrayCalls) AppendComplex128(x complex128) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendComplex128(x) })
}

func (c *arrayCalls) AppendComplex64(x complex64) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendComplex64(x) })
}

func (c *arrayCalls) AppendDuration(x time.Duration) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendDuration(x) })
}

func (c *arrayCalls) AppendFloat64(x float64) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendFloat64(x) })
}

func (c *arrayCalls) AppendFloat32(x float32) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendFloat32(x) })
}

func (c *arrayCalls) AppendInt(x int) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendInt(x) })
}

func (c *arrayCalls) AppendInt64(x int64) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendInt64(x) })
}

func (c *arrayCalls) AppendInt32(x int32) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendInt32(x) })
}

func (c *arrayCalls) AppendInt16(x int16) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendInt16(x) })
}

func (c *arrayCalls) AppendInt8(x int8) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendInt8(x) })
}

func (c *arrayCalls) AppendString(x string) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendString(x) })
}

func (c *arrayCalls) AppendTime(x time.Time) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendTime(x) })
}

func (c *arrayCalls) AppendUint(x uint) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUint(x) })
}

func (c *arrayCalls) AppendUint64(x uint64) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUint64(x) })
}

func (c *arrayCalls) AppendUint32(x uint32) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUint32(x) })
}

func (c *arrayCalls) AppendUint16(x uint16) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUint16(x) })
}

func (c *arrayCalls) AppendUint8(x uint8) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUint8(x) })
}

func (c *arrayCalls) AppendUintptr(x uintptr) {
	c.add(func(enc zapcore.ArrayEncoder) { enc.AppendUintptr(x) })
}
