package goroutine

// What the tests, in package goroutine_test, look at.

var (
	ParseHeader    = parseHeader
	ParseDump      = parseDump
	AlwaysInDump   = alwaysInDump
	CreatedByUser  = createdByUser
	ExportedMethod = exportedMethod
	HasPrefix      = hasPrefix
	PrefixInUse    = prefixInUse
)
