package modreq

import (
	"go/version"
	"strings"
)

// compareGo compares two versions of Go, as "1.21" or "1.26.8".
func compareGo(a, b string) int { return version.Compare("go"+a, "go"+b) }

// majorMinor returns "1.21" of "1.21.3" or "1.21rc1".
func majorMinor(v string) string { return strings.TrimPrefix(version.Lang("go"+v), "go") }
