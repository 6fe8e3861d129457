module github.com/seed18162548/contextvars/contrib/glslogrus

go 1.21

require (
	github.com/seed18162548/contextvars v0.0.0
	github.com/sirupsen/logrus v1.8.0
	github.com/stretchr/testify v1.10.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/magefile/mage v1.10.0 // indirect
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	golang.org/x/sync v0.7.0 // indirect
	golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/seed18162548/contextvars => ../..
