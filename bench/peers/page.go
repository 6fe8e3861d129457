package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A page is the report.
type page struct {
	Title, Lead, Verdict, Noise, CostNote string

	Good, Of int
	Costs    table
	Losses   []string
	// UncertainNote says what Uncertain lists.
	UncertainNote string
	Uncertain     []string
	Figures       []shown
	Field         table
	Absentees     []absentee
	Method        []string
	Environment   table
	Bars          table
}

// A shown picture is drawn.
type shown struct {
	picture
	SVG  template.HTML // written by us alone
	Data table
}

// method says how was measured, for readers of the report.
func (r *results) method() []string {
	return []string{
		"Every experiment has a process of its own. In it all contenders, or both sides of a ratio, take turns of about a millisecond, forwards and backwards by the round. A count is the median of its rounds; for a ratio, the median of the ratios of each round. What is shown is the median of the counts and its 95 % confidence interval, without assuming a distribution (`golang.org/x/perf/benchmath`).",
		fmt.Sprintf("A row of which the interval reaches farther than %.0f %% of its median is counted again, with the others that do, up to %d times instead of %d. Of ratios and bars, both sides are. Memory, what dead goroutines leave, first Sets beside live goroutines and jobs over NATS are not repeated. “What is uncertain” lists the rows that stayed wide.", 100*wide, full.most, full.counts),
		fmt.Sprintf("The noise of the machine is measured before the rest and after it: how far the slowest tenth of turns of a loop without memory, on all cores, is above the fastest tenth. A run with more than %.0f %% is marked.", 100*noisy),
		"Loops of independent Gets overlap in the processor: that is throughput. In a row of latency each Get needs the result of the one before, and loads one word more, which says what is read next.",
		"Among live goroutines, in memory, and in what dead ones leave, contenders cannot take turns: each has the process to itself.",
		"Values are integers above 255, or strings made at run time, which have to be allocated when they become interface values. Sums of results are kept in a global; what must be allocated is stored in one.",
		"context uses keys of one integer type, as the documentation of package `context` shows; context-ptr is `context.Context` at its fastest: keys that are pointers, as `net/http` has them, between keys of another type.",
		"On several cores, the time is that of one operation on each core.",
		"Memory is heap and stacks in use after two collections, the same number of bare goroutines subtracted.",
		"`raw.txt` beside this report has every count; `benchstat -col /impl raw.txt` prints it.",
	}
}

// newPage returns the report of what was measured.
func newPage(r *results) (page, error) {
	good, of := r.verdicts()
	var names []string
	for _, c := range field() {
		names = append(names, c.Name)
	}
	p := page{
		Title:   "What a binding costs",
		Lead:    "contextvars beside what its users would pick instead. " + r.machine() + ".",
		Verdict: fmt.Sprintf("%d of %d bars are met; they stand at the end.", good, of),
		CostNote: "± is how far the 95 % confidence interval of the median reaches. A figure of gls in *italics* is lost to another contender. " +
			"For context, the number of variables is the depth of the chain; its Set is a WithValue and one Value, and parameter's goroutine is the go statement.",
		Good: good, Of: of,
		Costs: r.costTable(names), Losses: r.losses(),
		Noise: r.noiseLine(), Uncertain: r.uncertain(),
		UncertainNote: fmt.Sprintf("Rows and bars with an interval that reaches farther than %.0f %%, and bars whose limit lies within it:", 100*wide),
		Field:         r.fieldTable(), Absentees: absentees(),
		Method: r.method(), Environment: r.environmentTable(), Bars: r.barTable(),
	}
	if p.Losses == nil {
		p.Losses = []string{"nowhere in this table"}
	}
	if p.Uncertain == nil {
		p.Uncertain = []string{"none"}
	}
	for _, pic := range pictures() {
		d, err := pic.draw(r)
		if err != nil {
			return p, err
		}
		if d == nil {
			continue // not measured
		}
		svg, err := d.svg(pic.Title)
		if err != nil {
			return p, err
		}
		p.Figures = append(p.Figures, shown{pic, template.HTML(svg), r.dataTable(pic.data)})
	}
	return p, nil
}

//go:embed page.html.tmpl
var pageTemplate string

var codeSpan = regexp.MustCompile("`([^`]*)`")
var emphasis = regexp.MustCompile(`\*([^*]*)\*`)

// rich returns text with code between backquotes, and emphasis between stars,
// as HTML.
func rich(text string) template.HTML {
	s := codeSpan.ReplaceAllString(template.HTMLEscapeString(text), "<code>$1</code>")
	return template.HTML(emphasis.ReplaceAllString(s, "<em>$1</em>"))
}

// html returns the report as a page that needs no other file.
func (p page) html() (string, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"rich": rich, "css": func() template.CSS { return template.CSS(themeCSS()) }}).Parse(pageTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}

// write writes the report of raw results, and them, into dir.
func write(dir string, raw []byte, r *results) error {
	p, err := newPage(r)
	if err != nil {
		return err
	}
	content, err := p.html()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string]string{"raw.txt": string(raw), "report.html": content, "report.md": p.markdown(), "readme.md": r.readme()}
	for _, f := range p.Figures {
		files[f.ID+".svg"] = string(f.SVG)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
