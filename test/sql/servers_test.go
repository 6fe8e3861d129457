//go:build gls_servers

package sql_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests with the tag gls_servers, which make servers sets, start servers
// that Debian has: mariadbd and postgres. Without them they fail.

// A log is what a server has written so far.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// command returns the command of a server, found on PATH or where the pattern
// of paths leads to. Servers that refuse to be run by root are run by account.
func command(t testing.TB, account, name, paths string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		found, _ := filepath.Glob(filepath.Join(paths, name))
		require.NotEmpty(t, found, "%s is not installed", name)
		path = found[len(found)-1]
	}
	cmd := exec.Command(path, args...)
	if os.Geteuid() == 0 {
		uid, gid := ids(t, account)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return cmd
}

func ids(t testing.TB, account string) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup(account)
	require.NoError(t, err)
	uid, err = strconv.Atoi(u.Uid)
	require.NoError(t, err)
	gid, err = strconv.Atoi(u.Gid)
	require.NoError(t, err)
	return uid, gid
}

// home makes a directory for a server that runs by account. Its name is short,
// because that of a Unix socket must be.
func home(t testing.TB, account string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gls")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	if os.Geteuid() == 0 {
		uid, gid := ids(t, account)
		require.NoError(t, os.Chown(dir, uid, gid))
	}
	return dir
}

// run runs a command to its end.
func run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", text)
}

// serve runs a server until the test ends, and waits for db to reach it.
func serve(t testing.TB, cmd *exec.Cmd, stop os.Signal, db *sql.DB) *log {
	t.Helper()
	l := new(log)
	cmd.Stdout, cmd.Stderr = l, l
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		db.Close()
		_ = cmd.Process.Signal(stop)
		<-ended
	})
	require.Eventually(t, func() bool { return db.Ping() == nil || len(ended) > 0 }, time.Minute, 10*time.Millisecond)
	require.Empty(t, ended, "%s", l)
	return l
}

// freePort returns a port of this machine on which nothing listens.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startMariaDB starts a server and returns a connection string for
// go-sql-driver, and the database, not wrapped, whose general log has every
// statement.
func startMariaDB(t testing.TB) (dsn string, db *sql.DB) {
	t.Helper()
	const account = "mysql"
	dir := home(t, account)
	run(t, command(t, account, "mariadb-install-db", "/usr/bin", "--no-defaults", "--datadir="+dir+"/data",
		"--auth-root-authentication-method=normal", "--skip-test-db"))
	socket := dir + "/s"
	dsn = "root@unix(" + socket + ")/mysql"
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	serve(t, command(t, account, "mariadbd", "/usr/sbin", "--no-defaults", "--datadir="+dir+"/data", "--socket="+socket,
		"--skip-networking", "--general-log=1", "--log-output=TABLE"), syscall.SIGTERM, db)
	return dsn, db
}

// startPostgres starts a server and returns a connection string, and what the
// server logs: every statement.
func startPostgres(t testing.TB) (dsn string, l *log) {
	t.Helper()
	const (
		account = "postgres"
		paths   = "/usr/lib/postgresql/*/bin"
	)
	dir := home(t, account)
	run(t, command(t, account, "initdb", paths, "-D", dir+"/data", "-U", "gls", "-A", "trust", "--no-sync"))
	port := freePort(t)
	dsn = fmt.Sprintf("postgres://gls@127.0.0.1:%d/postgres?sslmode=disable", port)
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	return dsn, serve(t, command(t, account, "postgres", paths, "-D", dir+"/data", "-p", strconv.Itoa(port), "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_statement=all",
		"-c", "shared_preload_libraries=pg_stat_statements"), syscall.SIGINT, db)
}
