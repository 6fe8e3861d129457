package glszap_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// counting has methods whose results tell how often they were called.
type counting struct{ n *int }

func (c counting) next() int                    { *c.n++; return *c.n }
func (c counting) String() string               { return fmt.Sprint("call ", c.next()) }
func (c counting) MarshalJSON() ([]byte, error) { return json.Marshal(c.next()) }

type failing struct{ *counting }

func (f failing) Error() string { return "error " + f.String() }

// object calls every method of an encoder.
type object struct {
	n     *int
	bytes []byte
	list  []any
	fail  bool
}

func (o object) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddInt("call", counting{o.n}.next())
	enc.AddBinary("bin", o.bytes)
	enc.AddByteString("str", o.bytes)
	enc.AddBool("b", true)
	enc.AddComplex128("c", 1i)
	enc.AddComplex64("c", 2i)
	enc.AddDuration("d", time.Second)
	enc.AddFloat64("f", 1.5)
	enc.AddFloat32("f", 0.1)
	enc.AddInt64("i", -64)
	enc.AddInt32("i", -32)
	enc.AddInt16("i", -16)
	enc.AddInt8("i", -8)
	enc.AddString("s", `"`)
	enc.AddTime("t", time.Unix(5, 6).UTC())
	enc.AddUint("u", 1)
	enc.AddUint64("u", 64)
	enc.AddUint32("u", 32)
	enc.AddUint16("u", 16)
	enc.AddUint8("u", 8)
	enc.AddUintptr("u", 7)
	if err := enc.AddReflected("r", o.list); err != nil {
		return err
	}
	enc.OpenNamespace("within")
	if err := enc.AddArray("a", o); err != nil {
		return err
	}
	if o.fail {
		_ = enc.AddObject("half", zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
			enc.AddBool("done", true)
			return errors.New("the rest is missing")
		}))
		return errors.New("failed")
	}
	return enc.AddObject("o", zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error { enc.AddInt("x", 1); return nil }))
}

func (o object) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	enc.AppendInt(counting{o.n}.next())
	enc.AppendByteString(o.bytes)
	enc.AppendBool(true)
	enc.AppendComplex128(1i)
	enc.AppendComplex64(2i)
	enc.AppendDuration(time.Second)
	enc.AppendFloat64(1.5)
	enc.AppendFloat32(0.1)
	enc.AppendInt64(-64)
	enc.AppendInt32(-32)
	enc.AppendInt16(-16)
	enc.AppendInt8(-8)
	enc.AppendString("s")
	enc.AppendTime(time.Unix(5, 6).UTC())
	enc.AppendUint(1)
	enc.AppendUint64(64)
	enc.AppendUint32(32)
	enc.AppendUint16(16)
	enc.AppendUint8(8)
	enc.AppendUintptr(7)
	if err := enc.AppendReflected(o.list); err != nil {
		return err
	}
	if err := enc.AppendArray(zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error { enc.AppendInt(2); return nil })); err != nil {
		return err
	}
	return enc.AppendObject(zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error { enc.AddInt("y", 3); return nil }))
}

// fields returns fields of every type, and a function that changes what can be
// changed.
func fields() (map[string]zap.Field, func()) {
	n := make([]int, 12)
	m := map[string]any{"a": 1, "b": []int{1}}
	b := []byte("<bytes>")
	list := []any{1, "<x>"}
	list2 := []any{counting{&n[8]}}
	change := func() {
		m["a"], m["b"].([]int)[0] = 2, 2
		b[1], list[0] = 'B', "changed"
		for i := range n {
			n[i] += 100
		}
	}
	return map[string]zap.Field{
		"string": zap.String("k", "v"), "int": zap.Int("k", 1), "skip": zap.Skip(), "time": zap.Time("k", time.Unix(1, 2)),
		"full time": zap.Time("k", time.Time{}), "duration": zap.Duration("k", time.Minute), "complex": zap.Complex128("k", 1i),
		"map": zap.Any("k", m), "reflect": zap.Reflect("k", m), "nil": zap.Reflect("k", nil), "json": zap.Reflect("k", counting{&n[0]}),
		"stringer": zap.Stringer("k", counting{&n[1]}), "nil stringer": zap.Stringer("k", (*counting)(nil)),
		"error": zap.NamedError("k", failing{&counting{&n[2]}}), "errors": zap.Errors("k", []error{errors.New("a"), failing{&counting{&n[3]}}}),
		"object": zap.Object("k", object{n: &n[4], bytes: b, list: list}), "inline": zap.Inline(object{n: &n[5], bytes: b, list: list}),
		"array": zap.Array("k", object{n: &n[6], bytes: b, list: list}), "failing": zap.Object("k", object{n: &n[7], bytes: b, list: list, fail: true}),
		"methods": zap.Array("k", object{n: &n[9], bytes: b, list: list2}), "bytes": zap.ByteString("k", b), "binary": zap.Binary("k", b),
		"strings": zap.Strings("k", []string{"a"}), "bad": zap.Reflect("k", make(chan int)), "bad inside": zap.Object("k", object{n: &n[10], list: []any{func() {}}}),
		"dict": zap.Dict("k", zap.Stringer("x", counting{&n[11]}), zap.Namespace("y"), zap.Int("z", 1)),
	}, change
}

// What With is given behind a namespace is encoded as without the core, once
// and for all, whether a variable is bound or not.
func TestWithBehindANamespaceIsFinal(t *testing.T) {
	names, _ := fields()
	for name := range names {
		t.Run(name, func(t *testing.T) {
			logged := func(opts ...zap.Option) []string {
				f, change := fields()
				var out bytes.Buffer
				enc := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", EncodeDuration: zapcore.StringDurationEncoder, EncodeTime: zapcore.RFC3339NanoTimeEncoder})
				l := zap.New(zapcore.NewCore(enc, zapcore.AddSync(&out), zap.InfoLevel), opts...)
				l = l.With(zap.Int("before", 1), zap.Namespace("ns"), f[name]).With(zap.Bool("after", true), f[name])
				change()
				l.Info("unbound")
				tenant.With("acme", func() { l.Info("bound"); l.With(zap.Int("more", 1)).Info("bound", zap.Int("n", 1)) })
				l.Info("unbound")
				return strings.Split(strings.TrimSpace(out.String()), "\n")
			}
			want, got := logged(), logged(glszap.With(glszap.Attr(tenant)))
			for i := range got {
				without := strings.Replace(got[i], `"tenant":"acme",`, "", 1)
				require.Equal(t, want[i], without)
				require.Equal(t, i == 1 || i == 2, without != got[i])
			}
		})
	}
}

func TestArgumentsOfWithMayChangeConcurrently(t *testing.T) {
	m := make(map[string]int)
	for i := 0; i < 100; i++ {
		m[fmt.Sprint(i)] = i
	}
	logger, _ := logging()
	l := logger.With(zap.Namespace("job"), zap.Reflect("options", m))
	var wg spawn.WaitGroup
	wg.Go(func() {
		for i := 0; i < 500; i++ {
			tenant.With(fmt.Sprint(i), func() { l.Info("m") })
		}
	})
	for i := 0; i < 100_000; i++ {
		m[fmt.Sprint(i%200)] = i
	}
	wg.Wait()
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }

type panickingObject struct{}

func (panickingObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	return enc.AddObject("inner", zapcore.ObjectMarshalerFunc(func(zapcore.ObjectEncoder) error { panic("no") }))
}

type panickingString struct{}

func (panickingString) String() string { panic("no") }

type panickingError struct{ s *string }

func (p *panickingError) Error() string { return *p.s }

// A value whose method panics does not lose the line.
func TestPanickingValues(t *testing.T) {
	v := gls.New[any]("v")
	for _, tt := range []struct {
		x    any
		want string
	}{
		{panicking{}, `"v":"!PANIC: no"`},
		{[]any{panicking{}}, `"v":"!PANIC: no"`},
		{panickingObject{}, `"v":"!PANIC: no"`},
		{panickingString{}, `"vError":"PANIC=no"`},
		{&panickingError{}, `"vError":"PANIC=runtime error: invalid memory address or nil pointer dereference"`},
		{(*panickingError)(nil), `"v":"<nil>"`},
		{make(chan int), `"v":"!ERROR:json: unsupported type: chan int"`},
		{map[string]int{"a": 1}, `"v":{"a":1}`},
	} {
		for name, attr := range map[string]glszap.Option{
			"Attr": glszap.Attr(v), "AttrFunc": glszap.AttrFunc("v", v, func(x any) any { return x }),
			"a field": glszap.AttrFunc("v", v, func(x any) any { return zap.Any("another key", x) }),
		} {
			t.Run(fmt.Sprintf("%s/%T", name, tt.x), func(t *testing.T) {
				var out bytes.Buffer
				l := zap.New(jsonCore(zapcore.AddSync(&out), zap.InfoLevel), glszap.With(attr))
				v.With(tt.x, func() { l.Info("hi", zap.Int("n", 1)) })
				require.Equal(t, `{"msg":"hi",`+tt.want+`,"n":1}`+"\n", out.String())
			})
		}
	}
}
