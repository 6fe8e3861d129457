// Package bench compares this library with what the standard library offers and
// what people write by hand: an explicit parameter, context.Value, a sync.Map
// or a map behind an RWMutex that are keyed by goroutine ID, the bare ID, and
// the ID from a stack trace. Its benchmarks are named
// Benchmark<Op>/<param>=<v>/impl=<who>, so
//
//	go test -run '^$' -bench . -count 10 ./bench | benchstat -col /impl -
//
// prints the table. The module bench/peers adds the third-party libraries and
// makes the report in bench/results, from which the README's table comes.
//
// The program bench/scale measures what a million live goroutines change, and
// contrib/glsnats/bench what jobs over NATS cost; bench/peers runs both for its
// report. bench/guard counts the instructions of some operations, to see
// regressions.
//
// The package has no code but its tests; the contenders are in
// bench/internal/contender, where the rules of the comparison are.
package bench
