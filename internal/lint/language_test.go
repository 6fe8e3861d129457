package lint

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// phrases are expressions that the text of this project does not use, most of
// them because they are translated from another language. Each has what to
// write instead, and an example that it must match.
var phrases = []struct {
	found            *regexp.Regexp
	instead, example string
}{
	{regexp.MustCompile(`\bErr\w+ is (that|the|a )`), `"ErrX reports that …" or "ErrX is returned by …"`, "ErrFull is that there is no room"},
	{regexp.MustCompile(`\bIt is [\w.]+\(\)`), `"In Python: copy_context()."`, "It is copy_context()"},
	{regexp.MustCompile(`(?i)\bfor ` + `ever\b`), `"forever", "as long as the process", or how long`, "kept for " + "ever"},
	{regexp.MustCompile(`(?i)\bl` + `est\b`), `"so that … not"`, "l" + "est it leaks"},
	{regexp.MustCompile(`(?i)\bunless ` + `said\b`), `"by default"`, "64 unless " + "said"},
	{regexp.MustCompile(`(?i)\bnotwith` + `standing\b`), `"regardless of …"`, "policies notwith" + "standing"},
	{regexp.MustCompile(`(?i)\bbelongs? in` + `to\b`), `"belongs in"`, "New belongs in" + "to declarations"},
	{regexp.MustCompile(`(?i)\balso (if|when|where|while|after|though|during)\b`), `"even if"`, "al" + "so if f panics"},
	{regexp.MustCompile(`, but ` + `for (its|the|those|what|a)\b`), `"except"`, "all of it, but " + "for the last"},
	{regexp.MustCompile(`[,;] el` + `se (nil|an?|the|it|in|no|what|\[|[A-Z])`), `"or …" or "otherwise"`, "the value, el" + "se the default"},
	{regexp.MustCompile(`[^,;:|/(] [Ww]ho` + `ever\b`), `who it is: "the caller", "everyone who …"`, "the bindings of who" + "ever calls next"},
	{regexp.MustCompile(`\b(a|an|the) \w+ wh` + `ich (is|are|has|have|was|were|does|do|can|may|must|never|nothing|no|lives|take|takes|gets|ends|runs)\b`), `"that", or a comma in front`, "a goroutine wh" + "ich ends"},
	{regexp.MustCompile(`(?i)\bonce (it|they) (was|were)\b`), `"once they have been …"`, "immutable once they " + "were applied"},
	{regexp.MustCompile(`\b(is|are) no (error|part|text|object|token|number|string|code|test|file|module|member)\b`), `"is not a …"`, "a name that is no " + "token"},
	{regexp.MustCompile(`(?i)\bhanded ` + `on\b`), `"passed on"`, "bindings are handed " + "on"},
	{regexp.MustCompile(`\bA nil \w+ panics ` + `with\b`), `"F panics with [E] if x is nil"`, "A nil f panics " + "with [ErrNilFunc]"},
	{regexp.MustCompile(`(?i)\bof one ` + `instant\b`), `"from a single instant"`, "counters are not of one " + "instant"},
}

// comments calls f for every line of source that is a comment and nothing else.
// It leaves out the output of examples.
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

// TestPhrasesBite checks that every rule finds its example, and that no rule
// finds the words that a message recommends in its place.
func TestPhrasesBite(t *testing.T) {
	for _, p := range phrases {
		if !p.found.MatchString("// " + p.example + ".") {
			t.Errorf("%s does not find %q", p.found, p.example)
		}
		for _, other := range phrases {
			if m := other.found.FindString(p.instead); m != "" {
				t.Errorf("%s recommends %q, which %s forbids", p.found, m, other.found)
			}
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
// diagrams and addresses are exempt.
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

// TestMarkdownIsNarrow checks that paragraphs are wrapped, which makes small
// diffs. Tables, code and addresses are exempt.
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
