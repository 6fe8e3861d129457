module github.com/seed18162548/contextvars/cmd/gls

go 1.25.0

replace github.com/seed18162548/contextvars => ../..

require (
	github.com/golangci/plugin-module-register v0.1.2
	golang.org/x/mod v0.37.0
	golang.org/x/tools v0.47.0
)
