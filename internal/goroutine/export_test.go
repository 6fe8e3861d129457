package goroutine

// What the tests, in package goroutine_test, look at.

var (
	ParseHeader   = parseHeader
	ParseListing  = parseListing
	StartedByUser = startedByUser
)
