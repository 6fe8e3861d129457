module github.com/seed18162548/contextvars/bench/peers

go 1.26.0

require (
	github.com/jtolds/gls v4.20.0+incompatible
	github.com/rs/zerolog v1.35.1
	github.com/seed18162548/contextvars v0.0.0
	github.com/seed18162548/contextvars/contrib/glslogrus v0.0.0
	github.com/seed18162548/contextvars/contrib/glszap v0.0.0
	github.com/seed18162548/contextvars/contrib/glszerolog v0.0.0
	github.com/sirupsen/logrus v1.10.2
	github.com/timandy/routine v1.1.6
	github.com/tylerb/gls v0.0.0-20150407001822-e606233f194d
	go.uber.org/zap v1.28.0
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da
	golang.org/x/sync v0.23.0
	gonum.org/v1/plot v0.17.0
)

require (
	codeberg.org/go-fonts/liberation v0.5.0 // indirect
	codeberg.org/go-latex/latex v0.2.0 // indirect
	codeberg.org/go-pdf/fpdf v0.11.1 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/ajstarks/svgo v0.0.0-20211024235047-1546f124cd8b // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	github.com/tylerb/is v2.1.3+incompatible // indirect
	go.uber.org/multierr v1.10.0 // indirect
	golang.org/x/image v0.46.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
)

replace (
	github.com/seed18162548/contextvars => ../..
	github.com/seed18162548/contextvars/contrib/glslogrus => ../../contrib/glslogrus
	github.com/seed18162548/contextvars/contrib/glszap => ../../contrib/glszap
	github.com/seed18162548/contextvars/contrib/glszerolog => ../../contrib/glszerolog
)
