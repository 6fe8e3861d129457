module github.com/seed18162548/contextvars/contrib/glszerolog

go 1.23.0

require (
	github.com/rs/zerolog v1.35.1
	github.com/seed18162548/contextvars v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.7.0 // indirect
	golang.org/x/sys v0.29.0 // indirect
)

replace github.com/seed18162548/contextvars => ../..
