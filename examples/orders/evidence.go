package main

import (
	"strconv"
	"strings"
)

// A mark is something that a call left behind, with an identity.
type mark struct {
	kind kind
	po   string // of the call
	who  identity
}

// A kind says where a mark was found.
type kind int

const (
	inResponse kind = iota
	inOrderReturned
	inErrorReturned
	inLogOfRequest
	inLogOfLookup
	inLogOfSupply
	inAuditOfRequest
	inAuditOfLookup
	inOrderStored
	kinds
)

func (k kind) String() string {
	return [kinds]string{
		"HTTP responses, headers",
		"HTTP responses, orders",
		"HTTP responses, errors",
		"log lines, requests",
		"log lines, price lookups",
		"log lines, price service",
		"audit rows, requests",
		"audit rows, price lookups",
		"order rows",
	}[k]
}

// replyMarks returns the marks in the replies.
func replyMarks(calls []*call) []mark {
	var marks []mark
	for _, c := range calls {
		marks = append(marks, mark{inResponse, c.po, c.got.who})
		if c.got.err == "" {
			marks = append(marks, mark{inOrderReturned, c.got.order.PO, c.got.order.PlacedBy})
			continue
		}
		_, tag, _ := strings.Cut(c.got.err, "[")
		marks = append(marks, mark{inErrorReturned, c.po, identityIn(fields(strings.TrimSuffix(tag, "]")))})
	}
	return marks
}

// logMarks returns the marks in the lines of the log, except for slow
// statements, whose number depends on the machine.
func logMarks(lines []string) []mark {
	var marks []mark
	for _, line := range lines {
		f := fields(line)
		m := mark{kind: inLogOfRequest, po: f["po"], who: identityIn(f)}
		switch f["msg"] {
		case "slow statement":
			continue
		case "request":
			m.po = strings.TrimPrefix(f["path"], "/orders/")
		case "price", "no price":
			m.kind = inLogOfLookup
		case "quoted", "not quoted":
			m.kind = inLogOfSupply
		}
		marks = append(marks, m)
	}
	return marks
}

// rowMarks returns the marks in the rows of those orders whose numbers begin
// with prefix.
func (s *store) rowMarks(prefix string) ([]mark, error) {
	rows, err := s.pool.Query(`
		SELECT CASE action WHEN 'asked' THEN ?2 ELSE ?3 END, po, request_id, user, trace_id
			FROM audit WHERE po GLOB ?1 || '*'
		UNION ALL
		SELECT ?4, po, request_id, user, trace_id
			FROM orders WHERE po GLOB ?1 || '*'`,
		prefix, inAuditOfLookup, inAuditOfRequest, inOrderStored)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var marks []mark
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.kind, &m.po, &m.who.Request, &m.who.User, &m.who.Trace); err != nil {
			return nil, err
		}
		marks = append(marks, m)
	}
	return marks, rows.Err()
}

// fields returns the key=value pairs of a line as slog's text handler writes
// them. It ignores the rest of the line after anything else.
func fields(line string) map[string]string {
	f := map[string]string{}
	for line != "" {
		key, rest, ok := strings.Cut(line, "=")
		if !ok {
			break
		}
		var value string
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value, _ = strconv.Unquote(quoted) // it is well-formed
			line = strings.TrimPrefix(rest[len(quoted):], " ")
		} else {
			value, line, _ = strings.Cut(rest, " ")
		}
		f[key] = value
	}
	return f
}

func identityIn(f map[string]string) identity {
	return identity{Request: f[requestID.Name()], User: f[user.Name()], Trace: f[traceID.Name()]}
}
