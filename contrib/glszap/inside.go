package glszap

import (
	"reflect"
	"time"

	"go.uber.org/zap/zapcore"
)

// Variables cost least directly around a core that encodes and writes: a
// sampler outside of it decides before they are read, and each core of a tee
// caches what it has encoded. So NewCore goes inside of these two. zap's API
// cannot replace the core inside a sampler without losing its counters, so the
// sampler is copied by reflection. If zap changes its fields, NewCore stays
// outside, which is slower and otherwise the same. Checked with zap 1.26.0 and
// 1.28.0.

var (
	samplerType = reflect.TypeOf(zapcore.NewSamplerWithOptions(zapcore.NewNopCore(), time.Second, 1, 1))
	teeType     = reflect.TypeOf(zapcore.NewTee(zapcore.NewNopCore(), zapcore.NewNopCore()))
)

// inside returns next with wrap applied to the cores that write. It reports
// whether it knows the type of next.
func inside(next zapcore.Core, wrap func(zapcore.Core) zapcore.Core) (wrapped zapcore.Core, ok bool) {
	switch reflect.TypeOf(next) {
	case samplerType:
		return insideSampler(next, wrap)
	case teeType:
		tee := reflect.ValueOf(next)
		if tee.Kind() != reflect.Slice {
			return nil, false
		}
		cores := make([]zapcore.Core, tee.Len())
		for i := range cores {
			behind, ok := tee.Index(i).Interface().(zapcore.Core)
			if !ok {
				return nil, false
			}
			cores[i] = wrap(behind)
		}
		return zapcore.NewTee(cores...), true
	}
	return nil, false
}

// insideSampler is inside for a sampler. The copy shares its counters.
func insideSampler(next zapcore.Core, wrap func(zapcore.Core) zapcore.Core) (wrapped zapcore.Core, ok bool) {
	v := reflect.ValueOf(next)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	sampler := reflect.New(v.Elem().Type())
	sampler.Elem().Set(v.Elem())
	field := sampler.Elem().FieldByName("Core")
	if !field.IsValid() || !field.CanSet() {
		return nil, false
	}
	behind, ok := field.Interface().(zapcore.Core)
	if !ok || behind == nil {
		return nil, false
	}
	field.Set(reflect.ValueOf(wrap(behind)))
	return sampler.Interface().(zapcore.Core), true
}
