//go:build go1.22

package glslog_test

func init() { nilValue = (*nilSafe)(nil) }
