//go:build gls_doctor

package gls

// Whatever imports this package is watched.
import _ "github.com/seed18162548/contextvars/gls/glsdoctor"
