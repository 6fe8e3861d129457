package glsexport_test

import (
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// numbered returns a Report whose i-th field is n·(i+1).
func numbered(n int) (r glsexport.Report) {
	v := reflect.ValueOf(&r).Elem()
	for i := 0; i < v.NumField(); i++ {
		v.Field(i).SetInt(int64(n * (i + 1)))
	}
	return r
}

func TestReportAddAddsEveryField(t *testing.T) {
	r := numbered(1)
	r.Add(numbered(10))
	require.Equal(t, numbered(11), r)
}

func TestTotal(t *testing.T) {
	var total glsexport.Total
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			total.Add(numbered(1))
			total.Add(glsexport.Report{})
		}()
	}
	wg.Wait()
	require.Equal(t, numbered(8), total.Read())
}
