// Package glsadapter is for authors of adapters between package gls and other
// packages. It holds what every adapter needs and what all of them must decide
// in the same way. Programs that merely use adapters do not need it.
//
//   - [OwnHost] decides which peers are on this machine. Security depends on
//     it: by default, adapters send variables to no other peers.
//   - [Destinations] adds the HTTP servers that an option allows.
//   - [Scrub] removes headers without modifying the caller's map, and [Keys]
//     lists them.
//   - [NewField] reads a variable under a key, for loggers and comments.
//   - [Leftover] and [LeakCounter] find and count what a request left bound.
//   - [Snapshot] copies what a logger keeps for later, and [Guard] makes values
//     safe to encode.
//   - [VisibleID] and [PlainID] decide which request IDs are accepted.
//   - [MustFunc] and [MustValue] reject nil arguments, and [Misuse] words errors
//     as package gls does.
//
// Adapters are released separately from this module, so the API of this package
// is as stable as that of package gls. It depends on package gls and on the
// standard library, but not on net/http.
package glsadapter
