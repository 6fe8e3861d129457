module github.com/seed18162548/contextvars/test/redis

go 1.26.0

require (
	github.com/redis/go-redis/v9 v9.23.0
	github.com/seed18162548/contextvars v0.0.0
	github.com/seed18162548/contextvars/contrib/glsredis v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.7.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)

replace (
	github.com/seed18162548/contextvars => ../../
	github.com/seed18162548/contextvars/contrib/glsredis => ../../contrib/glsredis
)
