package main

// A tally says, for the marks of one kind, how many there should be, how many
// were found, and which identity they have: the one that the client sent with
// the call, a wrong one, or an incomplete one.
type tally struct {
	kind     kind
	expected int
	found    int
	right    int
	wrong    int
	missing  int
}

func (t tally) ok() bool { return t.right == t.expected && t.found == t.expected }

// check compares marks with the calls of the client. It returns one tally for
// each kind, in order.
func check(calls []*call, marks []mark) []tally {
	tallies := make([]tally, kinds)
	for k := range tallies {
		tallies[k].kind = kind(k)
	}
	byPO := map[string]*call{}
	for _, c := range calls {
		byPO[c.po] = c
		for k, n := range c.leaves() {
			tallies[k].expected += n
		}
	}
	for _, m := range marks {
		var sent identity // none is right for a mark of an unknown call
		if c := byPO[m.po]; c != nil {
			sent = c.who
		}
		tallies[m.kind].count(sent, m.who)
	}
	return tallies
}

// leaves returns how many marks of each kind a call should leave.
func (c *call) leaves() [kinds]int {
	n := [kinds]int{
		inResponse:       1,
		inLogOfRequest:   2, // the outcome, and the access log
		inLogOfLookup:    c.asks,
		inLogOfSupply:    c.asks,
		inAuditOfRequest: 1,
		inAuditOfLookup:  c.asks,
	}
	if c.status < 400 {
		n[inOrderReturned], n[inOrderStored] = 1, 1
	} else {
		n[inErrorReturned] = 1
	}
	return n
}

// count adds a mark with the identity got that should have been sent. If a part
// is not empty and differs, the mark is wrong.
func (t *tally) count(sent, got identity) {
	differs := func(got, sent string) bool { return got != "" && got != sent }
	t.found++
	switch {
	case differs(got.Request, sent.Request), differs(got.User, sent.User), differs(got.Trace, sent.Trace):
		t.wrong++
	case got != sent, got == identity{}:
		t.missing++
	default:
		t.right++
	}
}
