package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary run as the program: what is tested then is
// the whole of it, race detector and exit status included.
const asProgram = "ORDERS_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// runProgram runs the program to its end.
func runProgram(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	cmd := program(args...)
	cmd.Stdout, cmd.Stderr = &out, &err
	require.NoError(t, cmd.Start())
	_ = cmd.Wait() // the exit status says the same
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

// tallyLine is a line of the table that the program prints.
var tallyLine = regexp.MustCompile(`(?m)^  (\S.*?) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$`)

// printedTallies returns the numbers in the table: expected, found, right,
// wrong and missing, by the name of the row.
func printedTallies(t *testing.T, stdout string) map[string][5]int {
	t.Helper()
	table := map[string][5]int{}
	for _, m := range tallyLine.FindAllStringSubmatch(stdout, -1) {
		var row [5]int
		for i := range row {
			n, err := strconv.Atoi(m[2+i])
			require.NoError(t, err)
			row[i] = n
		}
		table[m[1]] = row
	}
	require.Len(t, table, int(kinds)+1, stdout)
	return table
}

// same is a row of the table in which everything is right.
func same(n int) [5]int { return [5]int{n, n, n, 0, 0} }

// lost is a row in which everything bears no identity.
func lost(n int) [5]int { return [5]int{n, n, 0, 0, n} }

func TestSelfTest(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"in memory", nil},
		{"file", []string{"-db", filepath.Join(t.TempDir(), "orders.db")}},
		{"every statement in the log", []string{"-slow", "1ns"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // a file has the orders of the first run in the second
				status, stdout, stderr := runProgram(t, test.args...)
				require.Equal(t, 0, status, stdout+stderr)
				require.Empty(t, stderr)
				require.Equal(t, map[string][5]int{
					"HTTP responses, headers":   same(200),
					"HTTP responses, orders":    same(162),
					"HTTP responses, errors":    same(38),
					"log lines, requests":       same(400),
					"log lines, price lookups":  same(576),
					"log lines, price service":  same(576),
					"audit rows, requests":      same(200),
					"audit rows, price lookups": same(576),
					"order rows":                same(162),
					"total":                     same(2890),
				}, printedTallies(t, stdout))
				require.Contains(t, stdout, "200 requests in ")
				require.Regexp(t, `The log, lines \d+ to \d+ of \d+:`, stdout) // slow statements have lines too
				require.Contains(t, stdout, "Goroutines that still hold bindings: 0. Requests that left any bound: 0.")
				require.Contains(t, stdout, "PASS: all 2890")
				require.Regexp(t, `"unicorn" is not for sale \[request_id=req-003 user=dan trace_id=[0-9a-f]{16}\]\n`, stdout)
			}
		})
	}
}

// TestConnectionsAreReused reads what the program says of its connections.
func TestConnectionsAreReused(t *testing.T) {
	_, stdout, _ := runProgram(t)
	m := regexp.MustCompile(`over (\d+) keep-alive connections: (\d+) on one used before`).FindStringSubmatch(stdout)
	require.NotNil(t, m, stdout)
	opened, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	reused, err := strconv.Atoi(m[2])
	require.NoError(t, err)
	require.Greater(t, reused, requests/2)
	require.GreaterOrEqual(t, opened+reused, requests, "a connection is new once")
}

// TestPlain checks that a plain go statement loses the identity of all that
// happens in the new goroutine, of nothing else, and never puts another there.
func TestPlain(t *testing.T) {
	status, stdout, stderr := runProgram(t, "-plain")
	require.Equal(t, 1, status, stdout+stderr)
	require.Empty(t, stderr)
	require.Equal(t, map[string][5]int{
		"HTTP responses, headers":   same(200),
		"HTTP responses, orders":    same(162),
		"HTTP responses, errors":    {38, 38, 18, 0, 20}, // 20 were found in a lookup
		"log lines, requests":       same(400),
		"log lines, price lookups":  lost(576),
		"log lines, price service":  lost(576),
		"audit rows, requests":      same(200),
		"audit rows, price lookups": lost(576),
		"order rows":                same(162),
		"total":                     {2890, 2890, 1142, 0, 1748},
	}, printedTallies(t, stdout))
	require.Contains(t, stdout, `order PO-`)
	require.Contains(t, stdout, `"unicorn" is not for sale [no request]`)
	require.Contains(t, stdout, "FAIL: 1748 of 2890 do not say whose they are; none names another's request.")
}

// TestBadInput checks that what cannot work is told in one line.
func TestBadInput(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()

	dir := t.TempDir()
	text := filepath.Join(dir, "letter.txt")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("Dear Sir or Madam, ", 100)), 0o600))
	foreign := filepath.Join(dir, "foreign.db")
	pool, err := openPool(foreign, time.Minute)
	require.NoError(t, err)
	_, err = pool.Exec(`CREATE TABLE orders (monastery TEXT)`)
	require.NoError(t, err)
	require.NoError(t, pool.Close())

	for _, test := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"no such folder", []string{"-db", "/nowhere/orders.db"}, 1, `database "/nowhere/orders.db": unable to open database file (14)`},
		{"a folder", []string{"-db", dir}, 1, "unable to open database file"},
		{"no name", []string{"-db", ""}, 1, "unable to open database file"},
		{"not a database", []string{"-db", text}, 1, "file is not a database"},
		{"other tables", []string{"-db", foreign}, 1, "no such column: po"},
		{"no such folder, serving", []string{"-db", "/nowhere/x\ny.db", "-serve", "127.0.0.1:0"}, 1, `"/nowhere/x\ny.db"`},
		{"port taken", []string{"-serve", taken.Addr().String()}, 1, "address already in use"},
		{"no port", []string{"-serve", "localhost"}, 1, "missing port in address"},
		{"prices without serving", []string{"-prices", "http://127.0.0.1:1"}, 2, "-prices goes with -serve"},
		{"argument", []string{"serve"}, 2, `unexpected argument "serve"; see orders -h`},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := runProgram(t, test.args...)
			require.Equal(t, test.status, status, stderr)
			require.Empty(t, stdout)
			require.Contains(t, stderr, test.stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.True(t, strings.HasPrefix(stderr, "orders: ") && strings.HasSuffix(stderr, "\n"), stderr)
		})
	}
}

func TestUsage(t *testing.T) {
	status, _, stderr := runProgram(t, "-h")
	require.Equal(t, 0, status)
	require.Contains(t, stderr, "Exit status:")

	status, _, stderr = runProgram(t, "-plane")
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "-plane")

	for _, url := range []string{"127.0.0.1:8081", "localhost", "ftp://localhost", "http://", "http://localhost/?x=y", "http://[", "http://a b"} {
		status, _, stderr = runProgram(t, "-serve", "127.0.0.1:0", "-prices", url)
		require.Equal(t, 2, status, url)
		require.Contains(t, stderr, "for flag -prices")
	}
}
