package main

import (
	"fmt"
	"strings"
)

// markdown returns t as a table of GitHub's Markdown.
func (t table) markdown() string {
	var b strings.Builder
	row := func(cells []cell) {
		b.WriteString("|")
		for _, c := range cells {
			text := strings.ReplaceAll(c.Text, "|", `\|`)
			if c.Detail != "" {
				text += " " + c.Detail
			}
			switch c.Class {
			case "lost":
				text = "*" + text + "*"
			case "not-met":
				text = "**" + text + "**"
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteString("\n")
	}
	row(texts(t.Head...))
	b.WriteString("|" + strings.Repeat(" --- |", len(t.Head)) + "\n")
	for _, r := range t.Rows {
		row(r)
	}
	return b.String()
}

// bullets returns lines as a list.
func bullets(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("- " + l + "\n")
	}
	return b.String()
}

// markdown returns the report as Markdown, with the pictures beside it.
func (p page) markdown() string {
	var b strings.Builder
	section := func(title, text string) { fmt.Fprintf(&b, "\n## %s\n\n%s", title, text) }
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%s %s\n", p.Title, p.Lead, p.Verdict, p.Noise)
	section("Costs", p.Costs.markdown()+"\n"+p.CostNote+"\n")
	section("Where the library loses", bullets(p.Losses))
	for _, f := range p.Figures {
		section(f.Title, fmt.Sprintf("![%s](%s.svg)\n\n%s\n\n%s", f.Title, f.ID, f.Caption, f.Data.markdown()))
	}
	section("What is uncertain", p.Noise+"\n\n"+p.UncertainNote+"\n\n"+bullets(p.Uncertain))
	section("What was compared", p.Field.markdown())
	section("What was not measured", bullets(p.absenteeLines()))
	section("How it was measured", bullets(p.Method))
	section("Environment", p.Environment.markdown())
	section("The bars", p.Bars.markdown())
	return b.String()
}

func (p page) absenteeLines() []string {
	var lines []string
	for _, a := range p.Absentees {
		lines = append(lines, fmt.Sprintf("`%s`: %s", a.Name, a.Reason))
	}
	return lines
}

// forReadme are the contenders in the README's table.
var forReadme = []string{"gls", "context", "routine", "jtolds", "tylerb", "syncmap", "rwmutex", "parameter"}

// readme returns the README's table: what stands between its markers.
func (r *results) readme() string {
	t := r.costTable(forReadme)
	for _, row := range t.Rows {
		for i := range row {
			row[i].Detail = ""
		}
	}
	good, of := r.verdicts()
	var b strings.Builder
	fmt.Fprintf(&b, "Medians on %s. %s\n\n%s\n", r.machine(), r.noiseLine(), t.markdown())
	fmt.Fprintf(&b, "Rows in *italics* are lost to another column. context is `context.Context` handed down as a parameter, its number of variables the depth of the chain; "+
		"parameter is an explicit parameter, and the `go` statement; syncmap and rwmutex are maps keyed by goroutine ID. "+
		"%d of %d bars are met; all figures, their spread, and what the peers lack are in [bench/results](bench/results/report.md).\n", good, of)
	return b.String()
}
