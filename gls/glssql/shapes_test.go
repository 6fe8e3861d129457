//nolint:staticcheck // drivers still have the deprecated interfaces
package glssql_test

import "database/sql/driver"

// Embedded beside a fullConn or fullStmt, these take a method away from it: a
// method that two embedded types have at the same depth, none has.
type (
	noPing        struct{}
	noExec        struct{}
	noExecCtx     struct{}
	noQuery       struct{}
	noQueryCtx    struct{}
	noPrepareCtx  struct{}
	noBeginTx     struct{}
	noReset       struct{}
	noValid       struct{}
	noCheck       struct{}
	noColumnConv  struct{}
	onlyConn      = driver.Conn
	onlyStmt      = driver.Stmt
	connShape     = func(*fullConn) driver.Conn
	stmtShape     = func(*fullStmt) driver.Stmt
	execs         = driver.ExecerContext
	queries       = driver.QueryerContext
	resets        = driver.SessionResetter
	validates     = driver.Validator
	checksValues  = driver.NamedValueChecker
	convertsByCol = driver.ColumnConverter
)

func (noPing) Ping()                  {}
func (noExec) Exec()                  {}
func (noExecCtx) ExecContext()        {}
func (noQuery) Query()                {}
func (noQueryCtx) QueryContext()      {}
func (noPrepareCtx) PrepareContext()  {}
func (noBeginTx) BeginTx()            {}
func (noReset) ResetSession()         {}
func (noValid) IsValid()              {}
func (noCheck) CheckNamedValue()      {}
func (noColumnConv) ColumnConverter() {}

// connShapes are connections with all of the optional interfaces, none, only
// one, all but one, and every combination of what withCapabilities tells apart.
var connShapes = map[string]connShape{
	"all":  func(c *fullConn) driver.Conn { return c },
	"none": func(c *fullConn) driver.Conn { return struct{ onlyConn }{c} },

	"Pinger": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.Pinger
		}{c, c}
	},
	"Execer": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.Execer
		}{c, c}
	},
	"Queryer": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.Queryer
		}{c, c}
	},
	"Execer Queryer": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.Execer
			driver.Queryer
		}{c, c, c}
	},
	"ConnPrepareContext": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.ConnPrepareContext
		}{c, c}
	},
	"ConnBeginTx": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			driver.ConnBeginTx
		}{c, c}
	},
	"NamedValueChecker": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			checksValues
		}{c, c}
	},

	"e": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
		}{c, c}
	},
	"q": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			queries
		}{c, c}
	},
	"eq": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			queries
		}{c, c, c}
	},
	"r": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			resets
		}{c, c}
	},
	"er": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			resets
		}{c, c, c}
	},
	"qr": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			queries
			resets
		}{c, c, c}
	},
	"eqr": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			queries
			resets
		}{c, c, c, c}
	},
	"v": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			validates
		}{c, c}
	},
	"ev": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			validates
		}{c, c, c}
	},
	"qv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			queries
			validates
		}{c, c, c}
	},
	"eqv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			queries
			validates
		}{c, c, c, c}
	},
	"rv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			resets
			validates
		}{c, c, c}
	},
	"erv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			resets
			validates
		}{c, c, c, c}
	},
	"qrv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			queries
			resets
			validates
		}{c, c, c, c}
	},
	"eqrv": func(c *fullConn) driver.Conn {
		return struct {
			onlyConn
			execs
			queries
			resets
			validates
		}{c, c, c, c, c}
	},

	"all but Pinger": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noPing
		}{fullConn: c}
	},
	"all but Execer": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noExec
		}{fullConn: c}
	},
	"all but ExecerContext": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noExecCtx
		}{fullConn: c}
	},
	"all but both Execers": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noExec
			noExecCtx
		}{fullConn: c}
	},
	"all but Queryer": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noQuery
		}{fullConn: c}
	},
	"all but QueryerContext": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noQueryCtx
		}{fullConn: c}
	},
	"all but both Queryers": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noQuery
			noQueryCtx
		}{fullConn: c}
	},
	"all but ConnPrepareContext": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noPrepareCtx
		}{fullConn: c}
	},
	"all but ConnBeginTx": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noBeginTx
		}{fullConn: c}
	},
	"all but SessionResetter": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noReset
		}{fullConn: c}
	},
	"all but Validator": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noValid
		}{fullConn: c}
	},
	"all but NamedValueChecker": func(c *fullConn) driver.Conn {
		return struct {
			*fullConn
			noCheck
		}{fullConn: c}
	},
}

// stmtShapes are statements, likewise.
var stmtShapes = map[string]stmtShape{
	"all":  func(s *fullStmt) driver.Stmt { return s },
	"none": func(s *fullStmt) driver.Stmt { return struct{ onlyStmt }{s} },
	"StmtExecContext": func(s *fullStmt) driver.Stmt {
		return struct {
			onlyStmt
			driver.StmtExecContext
		}{s, s}
	},
	"StmtQueryContext": func(s *fullStmt) driver.Stmt {
		return struct {
			onlyStmt
			driver.StmtQueryContext
		}{s, s}
	},
	"NamedValueChecker": func(s *fullStmt) driver.Stmt {
		return struct {
			onlyStmt
			checksValues
		}{s, s}
	},
	"ColumnConverter": func(s *fullStmt) driver.Stmt {
		return struct {
			onlyStmt
			convertsByCol
		}{s, s}
	},

	"all but StmtExecContext": func(s *fullStmt) driver.Stmt {
		return struct {
			*fullStmt
			noExecCtx
		}{fullStmt: s}
	},
	"all but StmtQueryContext": func(s *fullStmt) driver.Stmt {
		return struct {
			*fullStmt
			noQueryCtx
		}{fullStmt: s}
	},
	"all but NamedValueChecker": func(s *fullStmt) driver.Stmt {
		return struct {
			*fullStmt
			noCheck
		}{fullStmt: s}
	},
	"all but ColumnConverter": func(s *fullStmt) driver.Stmt {
		return struct {
			*fullStmt
			noColumnConv
		}{fullStmt: s}
	},
}
