package glsdebug_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/spawn"
)

// A listing is the JSON form as far as the tests look at it.
type listing struct {
	Total, Matched, Page, Pages int
	Goroutines                  []listed
	Values                      []struct {
		Value      *string
		Goroutines int
	}
}

type listed struct {
	ID          int64
	In          string
	Self        bool
	Since       *time.Time
	SpawnedBy   int64  `json:"spawned_by"`
	SpawnedAt   string `json:"spawned_at"`
	StarterLeft bool   `json:"starter_left"`
	Bindings    []struct {
		Var    string
		Value  *string
		Type   string
		More   int
		Hidden bool
		Stuck  bool
	}
}

// list reads the JSON form of the page at address, which must have a query.
func list(t *testing.T, address string) (l listing) {
	t.Helper()
	body, header := get(t, address+"&format=json")
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal([]byte(body), &l))
	return l
}

func rows(t *testing.T, address string) []listed {
	t.Helper()
	return list(t, address).Goroutines
}

// crowd starts n goroutines that stay until the test ends, each after prepare.
func crowd(t *testing.T, n int, prepare func(i int)) (ids []int64) {
	t.Helper()
	ids = make([]int64, n)
	var ready, ended sync.WaitGroup
	release := make(chan struct{})
	ready.Add(n)
	ended.Add(n)
	for i := 0; i < n; i++ {
		i := i
		go func() {
			defer ended.Done()
			defer gls.Release()
			ids[i] = goroutine.ID()
			prepare(i)
			ready.Done()
			<-release
		}()
	}
	ready.Wait()
	t.Cleanup(func() { close(release); ended.Wait() })
	return ids
}

func idsOf(rows []listed) (ids []int64) {
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestFilters(t *testing.T) {
	ids := crowd(t, 30, func(i int) {
		visible.Set("r-" + strconv.Itoa(i%15))
		if i < 3 {
			number.Set(i)
		}
		secret.Set("s")
	})
	url := serve(t, glsdebug.Visible(visible, number))
	for _, row := range []struct {
		name, query string
		want        []int64
	}{
		{"exactly one request, not those that begin alike", "?var=visible&value=r-1", []int64{ids[1], ids[16]}},
		{"any variable", "?value=r-1", []int64{ids[1], ids[16]}},
		{"part of a value", "?var=visible&match=contains&value=-14", []int64{ids[14], ids[29]}},
		{"bound at all", "?var=number", ids[:3]},
		{"number", "?var=number&value=2", ids[2:3]},
		{"hidden variable", "?var=secret&per=1000", ids},
		{"another variable's value", "?var=number&value=r-1", nil},
		{"unknown variable", "?var=unknown", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.ElementsMatch(t, row.want, idsOf(rows(t, url+row.query)))
		})
	}
}

func TestPages(t *testing.T) {
	const n = 2500
	ids := crowd(t, n, func(i int) { visible.Set("paged") })
	address := serve(t, glsdebug.Visible(visible)) + "?value=paged"
	seen := make(map[int64]bool)
	first := list(t, address+"&per=400")
	require.Equal(t, n, first.Matched)
	require.Equal(t, 7, first.Pages)
	for page := 1; page <= first.Pages; page++ {
		l := list(t, fmt.Sprintf("%s&per=400&page=%d", address, page))
		require.LessOrEqual(t, len(l.Goroutines), 400)
		for _, id := range idsOf(l.Goroutines) {
			require.False(t, seen[id], "twice")
			seen[id] = true
		}
	}
	for _, id := range ids {
		require.True(t, seen[id])
	}
	require.Equal(t, 7, list(t, address+"&per=400&page=99").Page, "beyond the end is the end")
	require.Len(t, rows(t, address+"&per=100000"), 1000, "whatever is asked for")
	body, _ := get(t, address+"&per=400&page=3")
	require.Contains(t, body, "rows 801 to 1,200")
	require.Contains(t, body, "Page 3 of 7")
}

func TestSorting(t *testing.T) {
	glsdebug.Handler(glsdebug.Track())
	ids := crowd(t, 3, func(i int) {
		visible.Set("sorted")
		for j := 0; j < 2-i; j++ {
			gls.New[int]("filler").Set(j)
		}
	})
	address := serve(t, glsdebug.Visible(visible)) + "?value=sorted"
	require.IsIncreasing(t, idsOf(rows(t, address)))
	require.IsDecreasing(t, idsOf(rows(t, address+"&sort=-id")))
	require.Equal(t, []int64{ids[2], ids[1], ids[0]}, idsOf(rows(t, address+"&sort=bindings")))
	require.Equal(t, []int64{ids[0], ids[1], ids[2]}, idsOf(rows(t, address+"&sort=-bindings")))
	byAge := rows(t, address+"&sort=age")
	require.False(t, byAge[0].Since.Before(*byAge[2].Since), "the youngest first")
	body, _ := get(t, address+"&sort=-age")
	require.Contains(t, body, `aria-sort="descending"`)
}

func TestTrack(t *testing.T) {
	defer visible.Set("tracked").Reset()
	url := serve(t, glsdebug.Visible(visible), glsdebug.Track())
	release, started := make(chan struct{}), make(chan int64)
	var wg spawn.WaitGroup
	wg.Go(func() { started <- goroutine.ID(); <-release })
	child := <-started
	defer wg.Wait()
	defer close(release)
	for _, r := range rows(t, url+"?value=tracked") {
		if r.ID == child {
			require.Equal(t, goroutine.ID(), r.SpawnedBy)
			require.Contains(t, r.SpawnedAt, "view_test.go:")
			require.Less(t, time.Since(*r.Since), time.Minute)
		}
	}
	page, _ := get(t, url+"?value=tracked")
	require.Contains(t, page, "glsdebug/view_test.go:")
	text, _ := get(t, url+"?value=tracked&format=text")
	require.Contains(t, text, "view_test.go:")
}

func TestThePageMarksItsOwnGoroutine(t *testing.T) {
	page := glsdebug.Handler(glsdebug.Visible(visible), glsdebug.Token(token))
	s := httptest.NewServer(glshttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer visible.Set("mine").Reset()
		page.ServeHTTP(w, r)
	})))
	defer s.Close()
	found := rows(t, s.URL+"?value=mine")
	require.Len(t, found, 1)
	require.True(t, found[0].Self)
	require.Equal(t, "context", found[0].In, "the one that the barrier made")
}

func TestValuesOfEverySize(t *testing.T) {
	huge := strings.Repeat("ä", 1<<20)
	defer visible.Set(huge).Reset()
	address := serve(t, glsdebug.Visible(visible))
	for _, format := range []string{"", "&format=text", "&format=json"} {
		body, _ := get(t, address+"?var=visible"+format)
		require.Less(t, len(body), 64<<10, format)
	}
	require.Len(t, rows(t, address+"?var=visible&match=contains&value="+url.QueryEscape("ää")), 1)
	require.Equal(t, 2<<20-4096, rows(t, address+"?var=visible")[0].Bindings[0].More)
}
