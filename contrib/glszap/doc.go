// Package glszap adds variables of package gls, such as request IDs, tenants
// and users, to the entries of zap, so that functions need no logger parameter.
//
//	logger, err := zap.NewProduction(glszap.With(glszap.Attr(requestID), glszap.Attr(tenant)))
//
// It wraps any [zapcore.Core]. Variables are read on the goroutine that logs,
// so the underlying cores and writers may queue entries and write them
// elsewhere. A variable that is not bound adds nothing. A default does not
// count as bound. The fields of glslog.Set are also added.
package glszap
