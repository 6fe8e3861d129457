// Package glszap adds variables of package gls to the entries of zap: request
// IDs, tenants, users, without a logger in every signature.
//
//	logger, err := zap.NewProduction(glszap.With(glszap.Attr(requestID), glszap.Attr(tenant)))
//
// It wraps any [zapcore.Core]. Variables are read on the goroutine that logs,
// so the cores and writers behind may queue entries and write them elsewhere. A
// variable that is not bound adds nothing. A default does not count as bound.
// The fields of glslog.Set are added too.
package glszap
