// Package bench compares this library with the standard library and with
// handwritten code: an explicit parameter, context.Value, a sync.Map or a map
// behind an RWMutex that is keyed by goroutine ID, the bare ID, and the ID from
// a stack trace. Its benchmarks are named Benchmark<Op>/<param>=<v>/impl=<who>,
// so
//
//	go test -run '^$' -bench . -count 10 ./bench | benchstat -col /impl -
//
// prints the table. The module bench/peers adds third-party libraries and makes
// the report in bench/results and the README's table.
//
// The program bench/scale measures the effect of a million live goroutines, and
// contrib/glsnats/bench the cost of jobs over NATS; bench/peers runs both for
// its report. bench/guard counts the instructions of some operations, to find
// regressions.
//
// The package has only tests; the contenders, and the rules of the comparison,
// are in bench/internal/contender.
package bench
