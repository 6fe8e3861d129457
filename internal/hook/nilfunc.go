package hook

// MustFunc panics with the gls.ErrNilFunc of the function named where if isNil
// is true. It is inlined into its callers.
func MustFunc(where string, isNil bool) {
	if isNil {
		panic(NilFunc(where))
	}
}
