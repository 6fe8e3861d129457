module github.com/seed18162548/contextvars/contrib/recipes/glsfiber2

go 1.21

require (
	github.com/gofiber/fiber/v2 v2.52.0
	github.com/seed18162548/contextvars v0.0.0
	github.com/seed18162548/contextvars/contrib/glsfasthttp v0.0.0
	github.com/stretchr/testify v1.10.0
	github.com/valyala/fasthttp v1.51.0
)

require (
	github.com/andybalholm/brotli v1.0.5 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/google/uuid v1.5.0 // indirect
	github.com/klauspost/compress v1.17.0 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/mattn/go-runewidth v0.0.15 // indirect
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/rivo/uniseg v0.2.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/tcplisten v1.0.0 // indirect
	golang.org/x/sys v0.15.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace (
	github.com/seed18162548/contextvars => ../../..
	github.com/seed18162548/contextvars/contrib/glsfasthttp => ../../glsfasthttp
)
