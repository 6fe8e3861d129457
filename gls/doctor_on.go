//go:build gls_doctor

package gls

// Every program that imports this package is watched.
import _ "github.com/seed18162548/contextvars/gls/glsdoctor"
