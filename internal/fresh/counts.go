//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// counts are how many processes ran, how many of them failed, and how many had
// each property.
type counts struct {
	Processes, Failed int
	By                map[string]int
}

// addTo adds c to the counts in file and returns the sum; c if file is empty.
func (c counts) addTo(file string) (sum counts, err error) {
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return sum, err
	default:
		if err := json.Unmarshal(text, &sum); err != nil {
			return sum, err
		}
	}
	sum.Processes += c.Processes
	sum.Failed += c.Failed
	if sum.By == nil {
		sum.By = map[string]int{}
	}
	for name, n := range c.By {
		sum.By[name] += n
	}
	text, err = json.MarshalIndent(sum, "", "\t")
	if err != nil {
		return sum, err
	}
	return sum, os.WriteFile(file, append(text, '\n'), 0o644)
}
