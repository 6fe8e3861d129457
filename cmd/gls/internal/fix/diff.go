package fix

// This file implements Myers' algorithm over lines ("An O(ND) Difference
// Algorithm and Its Variations"). The implementation of x/tools is in an
// internal package, and diff and git may not be installed where gls runs,
// although both must be able to apply the patches.

import (
	"fmt"
	"strings"
)

// A step is one line of a difference: ' ', '-' or '+' and the line.
type step struct {
	op   byte
	text string
}

// unified returns the difference of two texts in unified format, or "" if they
// are equal.
func unified(name, a, b string) string {
	if a == b {
		return ""
	}
	steps := compare(lines(a), lines(b))
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
	const context = 3
	for i := 0; i < len(steps); {
		if steps[i].op == ' ' {
			i++
			continue
		}
		// A hunk lasts until twice the context passes without a change.
		from, last := max(0, i-context), i
		for j := i; j < len(steps) && j-last <= 2*context; j++ {
			if steps[j].op != ' ' {
				last = j
			}
		}
		to := min(len(steps), last+1+context)
		writeHunk(&out, steps, from, to)
		i = to
	}
	return out.String()
}

func writeHunk(out *strings.Builder, steps []step, from, to int) {
	a, b := 1, 1
	for _, s := range steps[:from] {
		a, b = a+btoi(s.op != '+'), b+btoi(s.op != '-')
	}
	var m, n int
	for _, s := range steps[from:to] {
		m, n = m+btoi(s.op != '+'), n+btoi(s.op != '-')
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", a, m, b, n)
	for _, s := range steps[from:to] {
		out.WriteByte(s.op)
		out.WriteString(s.text)
		if !strings.HasSuffix(s.text, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func lines(s string) []string {
	l := strings.SplitAfter(s, "\n")
	if l[len(l)-1] == "" {
		l = l[:len(l)-1]
	}
	return l
}

// compare returns a shortest way from a to b, by Myers' algorithm.
func compare(a, b []string) []step {
	n, m := len(a), len(b)
	size := n + m
	best := make([]int, 2*size+2) // best[size+k] is the farthest position on diagonal k
	var trace [][]int
	for d := 0; d <= size; d++ {
		trace = append(trace, append([]int(nil), best[size-d:size+d+2]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case k == -d || k != d && best[size+k-1] < best[size+k+1]:
				x = best[size+k+1]
			default:
				x = best[size+k-1] + 1
			}
			for x < n && x-k < m && a[x] == b[x-k] {
				x++
			}
			best[size+k] = x
			if x >= n && x-k >= m {
				return backtrack(a, b, trace)
			}
		}
	}
	return nil
}

// backtrack walks from the end of both texts to their beginnings.
func backtrack(a, b []string, trace [][]int) []step {
	var steps []step
	x, y := len(a), len(b)
	for d := len(trace) - 1; d >= 0; d-- {
		at := func(k int) int { return trace[d][k+d] }
		k := x - y
		prev := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			prev = k + 1
		}
		px := 0
		if d > 0 {
			px = at(prev)
		}
		py := px - prev
		for x > px && y > py && x > 0 && y > 0 && a[x-1] == b[y-1] {
			x, y = x-1, y-1
			steps = append(steps, step{' ', a[x]})
		}
		if d == 0 {
			break
		}
		if x == px {
			y--
			steps = append(steps, step{'+', b[y]})
		} else {
			x--
			steps = append(steps, step{'-', a[x]})
		}
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

// difference is like [unified], in colours if they are wanted.
func (o *Options) difference(name, a, b string) string {
	diff := unified(name, a, b)
	if !o.Colours || diff == "" {
		return diff
	}
	var out strings.Builder
	for i, line := range strings.SplitAfter(diff, "\n") {
		text, end := strings.TrimSuffix(line, "\n"), ""
		if text != line {
			end = "\n"
		}
		switch {
		case i < 2:
			out.WriteString("\033[1m" + text + "\033[0m" + end)
		case strings.HasPrefix(text, "@@"):
			out.WriteString("\033[36m" + text + "\033[0m" + end)
		case strings.HasPrefix(text, "-"):
			out.WriteString("\033[31m" + text + "\033[0m" + end)
		case strings.HasPrefix(text, "+"):
			out.WriteString("\033[32m" + text + "\033[0m" + end)
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}
