package glsdebug

import (
	"net/url"
	"strconv"
)

// A query holds the parsed parameters of an address. Invalid parameters are
// ignored.
type query struct {
	Var      string // name of the variable that must be bound; empty for any
	Value    string // value that it must be bound to; empty for any
	Contains bool   // whether Value may be a part of that value
	Sort     string // one of sortings
	Desc     bool
	Page     int // from 1
	Per      int // rows per page

	Stacks string // "grouped", the ID of a goroutine, or empty
}

const (
	defaultPer = 100
	maxPer     = 1000 // as many as a browser on a phone can scroll through
)

// sortings are the possible orders of rows. The first is the default.
var sortings = []string{"id", "bindings", "age", "parent"}

func parseQuery(v url.Values) query {
	q := query{
		Var:      v.Get("var"),
		Value:    v.Get("value"),
		Contains: v.Get("match") == "contains",
		Sort:     sortings[0],
		Page:     positive(v.Get("page"), 1),
		Per:      positive(v.Get("per"), defaultPer),
		Stacks:   v.Get("stacks"),
	}
	if q.Per > maxPer {
		q.Per = maxPer
	}
	name := v.Get("sort")
	if len(name) > 0 && name[0] == '-' {
		name, q.Desc = name[1:], true
	}
	for _, s := range sortings {
		if s == name {
			q.Sort = s
		}
	}
	return q
}

// positive returns s as a number, or d if s is not a positive number.
func positive(s string, d int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	return d
}

// Filters reports whether q selects by variable or value.
func (q query) Filters() bool { return q.Var != "" || q.Value != "" }

// address returns q as a URL relative to the page, whatever the path of the
// page is.
func (q query) address(format string) string {
	v := url.Values{}
	set := func(name, value, unless string) {
		if value != unless {
			v.Set(name, value)
		}
	}
	set("var", q.Var, "")
	set("value", q.Value, "")
	if q.Contains {
		v.Set("match", "contains")
	}
	order := q.Sort
	if q.Desc {
		order = "-" + order
	}
	set("sort", order, sortings[0])
	set("page", strconv.Itoa(q.Page), "1")
	set("per", strconv.Itoa(q.Per), strconv.Itoa(defaultPer))
	set("stacks", q.Stacks, "")
	set("format", format, "")
	return "?" + v.Encode()
}

// where returns the query for the first page of the rows in which the variable
// has the value.
func (q query) where(variable, value string) query {
	q.Var, q.Value, q.Contains, q.Page = variable, value, false, 1
	return q
}

// by returns the query for the same rows in another order, or in reverse if
// they are in that order already.
func (q query) by(order string) query {
	q.Desc = q.Sort == order && !q.Desc
	q.Sort, q.Page = order, 1
	return q
}

// page returns the query for another page of the same rows.
func (q query) page(n int) query {
	q.Page = n
	return q
}

// stacks returns the query for the stacks of the same rows or of one of them.
func (q query) stacks(what string) query {
	q.Stacks, q.Page = what, 1
	return q
}

// Address returns the address of q itself, and BackAddress that of its rows.
func (q query) Address() string     { return q.address("") }
func (q query) BackAddress() string { return q.stacks("").address("") }
