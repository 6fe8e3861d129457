package main

import (
	"fmt"
	"sync"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// field returns all contenders: this library, its peers, then the references.
// They are made once: what jtolds and routine cost depends on how many managers
// and locals a program has.
var field = sync.OnceValue(func() []contender.Contender {
	own := contender.Own()
	all := []contender.Contender{own[0], routinePeer(), jtoldsPeer(), tylerbPeer()}
	return append(all, own[1:]...)
})

// named returns the contender of that name.
func named(name string) contender.Contender {
	for _, c := range field() {
		if c.Name == name {
			return c
		}
	}
	panic(fmt.Sprintf("no contender is named %q", name))
}

// An absentee is a library that would belong in the comparison.
type absentee struct{ Name, Reason string }

// absentees returns the libraries that are known and not measured.
func absentees() []absentee {
	const notServed = "the Go module proxy used for this report does not serve it"
	return []absentee{
		{"github.com/modern-go/gls", notServed},
		{"github.com/cloudwego/localsession", notServed},
		{"github.com/v2pro/plz", notServed},
		{"github.com/huandu/go-tls", notServed},
		{"github.com/go-eden/routine", notServed},
		{"github.com/subchen/gls", notServed},
		{"github.com/go-basic/gls", notServed},
		{"github.com/quant1x/gox", notServed},
		{"github.com/timandy/routinex", "compiles the runtime anew by -toolexec, and with it everything that it would be compared with; routine is measured as it is used without it"},
		{"github.com/DataDog/orchestrion", "adds a slot to the runtime's g by -toolexec, for the use of its tracer; it has no API to bind values with"},
	}
}
