package fix

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
)

const requirer = `// Package glsrequire keeps the packages in the vendor folder that gls build adds
// imports of.
package glsrequire

import (
	_ "` + glsapi.Gls + `"
	_ "` + glsapi.Gls + `/glsdoctor"
	_ "` + glsapi.Gls + `/glshttp"
	_ "` + glsapi.Spawn + `"
)
`

// Require adds the requirement on the library to a module, and a package with
// the given file that imports it.
func Require(lib modreq.Library, gomod string, raise bool, file string) error {
	c, err := lib.Prepare(gomod)
	if err != nil {
		return err
	}
	if c != nil {
		if c.RaisedFrom != "" && !raise {
			return fmt.Errorf("%s says go %s, but the library needs go 1.21: pass -raise-go to raise the line", gomod, c.RaisedFrom)
		}
		if err := ReplaceFile(c.GoSum, c.Sum); err != nil {
			return err
		}
		if err := ReplaceFile(c.GoMod, c.Mod); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return ReplaceFile(file, []byte(requirer))
}
