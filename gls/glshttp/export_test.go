package glshttp

// FormatID is the deterministic part of NewID.
var FormatID = formatID
