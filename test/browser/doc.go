// Package browser looks at gls/glsdebug as its users do, with Chromium, and has
// axe-core check it and the other pages of this repository. Its tests need the
// tag gls_browser and the script of axe-core, for which make browser sees, and
// a chromium on PATH: without them they fail.
package browser
