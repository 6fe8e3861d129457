module github.com/seed18162548/contextvars/contrib/glszap

go 1.23.0

require (
	github.com/seed18162548/contextvars v0.0.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/zap v1.28.0
)

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.7.0 // indirect
)

replace github.com/seed18162548/contextvars => ../..
