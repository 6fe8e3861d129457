package glsdebug_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/spawn"
)

// TestCountsByValue checks that the page counts the goroutines by the value of
// a chosen variable.
func TestCountsByValue(t *testing.T) {
	tenant := gls.New[string]("counted tenant")
	long := strings.Repeat("x", 5000)
	crowd(t, 60, func(i int) {
		secret.Set("s" + strconv.Itoa(i))
		switch {
		case i < 30:
			tenant.Set("acme")
		case i < 33:
			tenant.Set("")
		case i < 35:
			tenant.Set(long + strconv.Itoa(i))
		default:
			tenant.Set("t" + strconv.Itoa(i))
		}
	})
	page := serve(t, glsdebug.Visible(tenant))
	l := list(t, page+"?var=counted+tenant&value=t40")
	require.Len(t, l.Values, 20, "the most frequent")
	require.Equal(t, "acme", *l.Values[0].Value)
	require.Equal(t, 30, l.Values[0].Goroutines, "of all, not of those that the value selects")
	require.Equal(t, "", *l.Values[1].Value)
	require.Equal(t, 3, l.Values[1].Goroutines)
	require.Equal(t, long[:1000], *l.Values[2].Value)
	require.Equal(t, 2, l.Values[2].Goroutines)
	require.Equal(t, 1, l.Values[3].Goroutines)
	require.Empty(t, list(t, page+"?value=acme").Values, "of no variable in particular")
	require.Empty(t, list(t, page+"?var=secret").Values, "hidden ones are not counted")

	body, _ := get(t, page+"?var=counted+tenant")
	require.Contains(t, body, `href="?value=acme&amp;var=counted&#43;tenant"><span class="value">acme</span> <b>30</b></a>`)
	require.Contains(t, body, `<span class="value">&#34;&#34;</span> <b>3</b></span>`)
	text, _ := get(t, page+"?var=counted+tenant&format=text")
	require.Contains(t, text, "30 × acme\n")
}

func TestPlurals(t *testing.T) {
	crowd(t, 3, func(i int) { visible.Set("plural " + strconv.Itoa(i)) })
	page := serve(t, glsdebug.Visible(visible))
	body, _ := get(t, page+"?value=plural+1")
	require.Regexp(t, `<b>1</b> of \d+ goroutines\b`, body)
	for n, want := range map[int]string{0: "0 things", 1: "1 thing", 2: "2 things", 10_009: "10,009 things"} {
		require.Equal(t, want, glsdebug.Counted(n, "thing"))
	}
	_, body = post(t, page+"?value=plural+1&stacks=grouped", nil, "X-Gls-Stacks", "yes")
	require.Regexp(t, `<b>1</b> of \d+ goroutines in <b>1</b> group of`, body)
}

// TestHeadings checks that every page has one heading of the first level.
func TestHeadings(t *testing.T) {
	defer visible.Set("headed").Reset()
	page := serve(t, glsdebug.Visible(visible))
	pages := make(map[string]string)
	pages["list"], _ = get(t, page)
	pages["question"], _ = get(t, page+"?stacks=grouped")
	_, pages["stacks"] = post(t, page+"?stacks=grouped", nil, "X-Gls-Stacks", "yes")
	_, pages["token"] = status(t, http.DefaultClient, newRequest(t, "GET", page, "Accept", "text/html"))
	for name, body := range pages {
		require.Equal(t, 1, strings.Count(body, "<h1"), name)
	}
}

// TestStarterGone checks that goroutines that outlive their starter, or the
// Context that they were started in, are marked: their bindings may be stale.
func TestStarterGone(t *testing.T) {
	page := serve(t, glsdebug.Visible(visible), glsdebug.Track()) + "?value=marked"
	marked := func(want bool) {
		t.Helper()
		r := rows(t, page)
		require.Len(t, r, 1)
		require.Equal(t, want, r[0].StarterLeft)
		body, _ := get(t, page)
		require.Equal(t, want, strings.Contains(body, "starter gone"))
		text, _ := get(t, page+"&format=text")
		require.Equal(t, want, strings.Contains(text, " (gone)"))
	}
	release, started := make(chan struct{}), make(chan struct{})
	var wg spawn.WaitGroup
	defer wg.Wait()
	defer close(release)
	gls.NewContext().Run(func() {
		wg.Go(func() {
			defer visible.Set("marked").Reset()
			close(started)
			<-release
		})
		<-started
		marked(false)
	})
	marked(true)
}

// TestStacksNameTheSpawnSite checks that stacks do not name the go statement in
// package spawn.
func TestStacksNameTheSpawnSite(t *testing.T) {
	page := serve(t, glsdebug.Visible(visible), glsdebug.Track()) + "?value=spawned+here&stacks=grouped"
	release, started := make(chan struct{}), make(chan struct{})
	var wg spawn.WaitGroup
	defer wg.Wait()
	defer close(release)
	wg.Go(func() {
		defer visible.Set("spawned here").Reset()
		close(started)
		<-release
	})
	<-started
	_, body := post(t, page+"&format=text", nil, "X-Gls-Stacks", "yes")
	require.Regexp(t, `spawned by \S+glsdebug_test\.TestStacksNameTheSpawnSite\n\s+\S+/marks_test\.go:\d+\n`, body)
	require.NotContains(t, body, "created by")
	_, body = post(t, page, nil, "X-Gls-Stacks", "yes")
	require.Regexp(t, `spawned by \S+TestStacksNameTheSpawnSite</span> <span class="at" title="\S+">glsdebug/marks_test\.go:\d+<`, body)
	_, body = post(t, page+"&format=json", nil, "X-Gls-Stacks", "yes")
	require.Contains(t, body, `"spawned": true`)
}
