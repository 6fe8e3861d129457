// Package policy decides which goroutines inherit the bindings of their
// starters.
//
// The worst outcome is a goroutine that lives as long as the process and gets
// the identity of the request that happened to start it. So a goroutine
// inherits only if it is shown to end with the work that it is started for: the
// function that starts it waits for its end; or nothing that it does can last,
// and the function waits for it in some way, or serves a request, or is called
// by one that does. All packages that are loaded from source are looked at
// together. Whatever cannot be shown is left alone and reported.
package policy

import (
	"fmt"
)

// A Policy says which statements are rewritten.
type Policy string

const (
	Safe Policy = "safe" // what is known to live no longer than its starter's work
	All  Policy = "all"  // everything that no comment settles
	None Policy = "none" // nothing, not even what comments settle
)

// Parse returns the policy of a -policy flag.
func Parse(s string) (Policy, error) {
	switch p := Policy(s); p {
	case Safe, All, None:
		return p, nil
	}
	return "", fmt.Errorf("unknown policy %q: it is safe, all or none", s)
}

// A Class says which bindings a goroutine should get.
type Class string

const (
	Inherit   Class = "inherit"   // a copy of its starter's bindings
	Lifetime  Class = "lifetime"  // nothing: it may live as long as the process
	Detach    Class = "detach"    // nothing, as a comment says
	Ignore    Class = "ignore"    // whatever it gets, as a comment says
	Undecided Class = "undecided" // a person must decide
	Skipped   Class = "skipped"   // not judged: its file is left alone
)

// A Verdict is the class of a statement and the reason for it.
type Verdict struct {
	Class  Class
	Reason string
	// AtStart reports that main, init, New*, Start* or Run* starts it and no
	// request is known to lead there.
	AtStart bool
	// Invalid says what is wrong with a comment that was meant to decide.
	Invalid string
}
