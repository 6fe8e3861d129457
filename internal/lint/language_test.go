package lint

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// phrases are what the text of this project does not say, each with what to say
// instead.
var phrases = []struct {
	found   *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\bErr\w+ is (that|the|a )`), `"ErrX reports that …" or "ErrX is returned by …"`},
	{regexp.MustCompile(`\bIt is [\w.]+\(\)`), `"In Python: copy_context()."`},
	{regexp.MustCompile(`(?i)\bfor ` + `ever\b`), `"forever", "as long as the process", or how long`},
	{regexp.MustCompile(`(?i)\bl` + `est\b`), `"so that … not"`},
	{regexp.MustCompile(`(?i)\bunless ` + `said\b`), `"by default"`},
}

// comments calls f for every line of source that is a comment and nothing else.
// What an example prints is no text of ours.
func comments(content string, f func(line int, text string)) {
	output := false
	for i, line := range strings.Split(content, "\n") {
		text := strings.TrimLeft(line, "\t")
		if !strings.HasPrefix(text, "// ") {
			output = false
			continue
		}
		output = output || strings.HasPrefix(text, "// Output:") || strings.HasPrefix(text, "// Unordered output:")
		if !output {
			f(i+1, text)
		}
	}
}

func TestLanguage(t *testing.T) {
	check := func(path string, line int, text string) {
		for _, p := range phrases {
			if m := p.found.FindString(text); m != "" {
				t.Errorf("%s:%d says %q; say %s", path, line, m, p.instead)
			}
		}
	}
	files(t, func(path, content string) {
		switch {
		case strings.HasSuffix(path, ".go"):
			comments(content, func(line int, text string) { check(path, line, text) })
		case strings.HasSuffix(path, ".md"):
			for i, text := range strings.Split(content, "\n") {
				check(path, i+1, text)
			}
		}
	})
}

// TestCommentsAreNarrow counts from the comment's own column. Directives,
// diagrams and addresses are as wide as they are.
func TestCommentsAreNarrow(t *testing.T) {
	const most = 80
	exempt := regexp.MustCompile(`^//(go:|gls:|nolint|line )|://|^// {3,}|^//\t|[│─►▲▼┌└├]`)
	goFiles(t, func(path, content string) {
		comments(content, func(line int, text string) {
			if utf8.RuneCountInString(text) > most && !exempt.MatchString(text) {
				t.Errorf("%s:%d is a comment of %d columns; wrap it at %d", path, line, utf8.RuneCountInString(text), most)
			}
		})
	})
}

// TestMarkdownIsNarrow: a paragraph that is wrapped makes small diffs. Tables,
// code and addresses are as wide as they are.
func TestMarkdownIsNarrow(t *testing.T) {
	const most = 100
	files(t, func(path, content string) {
		if !strings.HasSuffix(path, ".md") {
			return
		}
		code, generated := false, false
		for i, line := range strings.Split(content, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				code = !code
			}
			if strings.Contains(line, "bench:begin") || strings.Contains(line, "bench:end") {
				generated = !generated
			}
			exempt := code || generated || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") || strings.Contains(line, "://")
			if n := utf8.RuneCountInString(line); n > most && !exempt {
				t.Errorf("%s:%d has %d columns; wrap it at %d", path, i+1, n, most)
			}
		}
	})
}
