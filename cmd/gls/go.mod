module github.com/seed18162548/contextvars/cmd/gls

go 1.25.0

replace github.com/seed18162548/contextvars => ../..

require (
	github.com/golangci/plugin-module-register v0.1.2
	github.com/seed18162548/contextvars v0.0.0-00010101000000-000000000000
	golang.org/x/mod v0.37.0
	golang.org/x/tools v0.47.0
)

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	golang.org/x/sync v0.21.0 // indirect
)
