//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// counts has the number of processes that ran, that failed, and that had each
// property.
type counts struct {
	Processes, Failed int
	By                map[string]int
}

// readCounts returns the counts in file, which are zero if it does not exist.
func readCounts(file string) (c counts, err error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return c, err
	default:
		if err := json.Unmarshal(text, &c); err != nil {
			return c, err
		}
	}
	if c.By == nil {
		c.By = map[string]int{}
	}
	return c, nil
}

// addTo adds c to the counts in file and returns the sum, or c if file is "".
func (c counts) addTo(file string) (sum counts, err error) {
	if file == "" {
		return c, nil
	}
	sum, err = readCounts(file)
	if err != nil {
		return sum, err
	}
	sum.Processes += c.Processes
	sum.Failed += c.Failed
	for name, n := range c.By {
		sum.By[name] += n
	}
	text, err := json.MarshalIndent(sum, "", "\t")
	if err != nil {
		return sum, err
	}
	return sum, os.WriteFile(file, append(text, '\n'), 0o644)
}
