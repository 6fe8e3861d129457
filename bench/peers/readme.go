package main

import (
	"fmt"
	"os"
	"strings"
)

// The table stands between these lines of the README.
const (
	beginMarker = "<!-- bench:begin -->\n"
	endMarker   = "<!-- bench:end -->"
)

// writeReadme puts text between the markers of file.
func writeReadme(file, text string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(content), beginMarker)
	_, after, ended := strings.Cut(rest, endMarker)
	if !begun || !ended {
		return fmt.Errorf("%s does not have the markers %s and %s", file, strings.TrimSpace(beginMarker), endMarker)
	}
	return os.WriteFile(file, []byte(before+beginMarker+text+endMarker+after), 0o644)
}
