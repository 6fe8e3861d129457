// Package workswith holds the tests of docs/works-with.md against pools,
// schedulers, loggers, websockets and test frameworks of others. The row of a
// library there names its test here.
package workswith
