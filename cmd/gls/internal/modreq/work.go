package modreq

import "golang.org/x/mod/modfile"

// RaiseWork returns the text of a go.work whose go line is at least what the
// library needs: modules that require it cannot be used below that.
func RaiseWork(name string, text []byte) ([]byte, error) {
	f, err := modfile.ParseWork(name, text, nil)
	if err != nil {
		return nil, err
	}
	if f.Go != nil && compareGo(f.Go.Version, minGo) >= 0 {
		return text, nil
	}
	if err := f.AddGoStmt(minGo); err != nil {
		return nil, err
	}
	return modfile.Format(f.Syntax), nil
}
