package glsdebug_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsdebug"
)

// post sends a form to address and returns the answer.
func post(t *testing.T, address string, form url.Values, headers ...string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

// formOf returns the fields of the form that page has.
func formOf(t *testing.T, page string) url.Values {
	t.Helper()
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]+)">`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	require.NotEmpty(t, form.Get("token"))
	return form
}

func TestStacksAskFirst(t *testing.T) {
	defer visible.Set("asked").Reset()
	address := serve(t, glsdebug.Visible(visible)) + "?stacks=grouped&value=asked"
	page, _ := get(t, address)
	require.Contains(t, page, "This stops the world")
	require.NotContains(t, page, "TestStacksAskFirst", "nothing was taken yet")

	status, body := post(t, address, formOf(t, page))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "TestStacksAskFirst")
	require.Contains(t, body, "the world stood still for")
}

func TestStacksAskTwiceAboveTheLimit(t *testing.T) {
	defer visible.Set("asked twice").Reset()
	address := serve(t, glsdebug.Visible(visible), glsdebug.StackLimit(1)) + "?stacks=grouped"
	page, _ := get(t, address)
	require.Contains(t, page, "you will be asked once more")
	form := formOf(t, page)
	require.Empty(t, form.Get("confirm"))

	_, page = post(t, address, form)
	require.Contains(t, page, "Are you sure?")
	require.NotContains(t, page, "TestStacksAskTwiceAboveTheLimit")

	status, body := post(t, address, formOf(t, page))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "TestStacksAskTwiceAboveTheLimit")
}

func TestStacksAreNotTakenForOthers(t *testing.T) {
	defer visible.Set("protected").Reset()
	address := serve(t, glsdebug.Visible(visible)) + "?stacks=grouped"
	page, _ := get(t, address)
	ours := formOf(t, page)
	otherPage, _ := get(t, serve(t)+"?stacks=grouped")
	for _, row := range []struct {
		name    string
		form    url.Values
		headers []string
	}{
		{"no token", nil, nil},
		{"guessed token", url.Values{"token": {"AAAAAAAAAAAAAAAAAAAAAA"}}, nil},
		{"another process's token", formOf(t, otherPage), nil},
		{"confirmed without token", url.Values{"confirm": {"yes"}}, nil},
		{"our token, another site's form", ours, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, body := post(t, address, row.form, row.headers...)
			require.Equal(t, http.StatusForbidden, status)
			require.NotContains(t, body, "TestStacksAreNotTakenForOthers")
		})
	}
	// A link cannot: GET only asks, whatever it brings.
	page, _ = get(t, address+"&confirm=yes&token="+ours.Get("token"))
	require.Contains(t, page, "This stops the world")
}

func TestStacksForTools(t *testing.T) {
	defer visible.Set("for tools").Reset()
	address := serve(t, glsdebug.Visible(visible)) + "?stacks=grouped&format=text"
	status, body := post(t, address, nil, "X-Gls-Stacks", "yes")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "TestStacksForTools")

	address = serve(t, glsdebug.Visible(visible), glsdebug.StackLimit(1)) + "?stacks=grouped&format=text"
	status, body = post(t, address, nil, "X-Gls-Stacks", "yes")
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, "X-Gls-Stacks: confirmed")
	status, body = post(t, address, nil, "X-Gls-Stacks", "confirmed")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "TestStacksForTools")
}

// TestStacksAreGrouped checks that goroutines with the same stack and bindings
// are one group, and those with other bindings another.
func TestStacksAreGrouped(t *testing.T) {
	ids := crowd(t, 9, func(i int) {
		secret.Set(strconv.Itoa(i))
		visible.Set("group " + strconv.Itoa(i%3/2))
	})
	address := serve(t, glsdebug.Visible(visible)) + "?var=secret&stacks=grouped&format=json"
	status, body := post(t, address, nil, "X-Gls-Stacks", "yes")
	require.Equal(t, http.StatusOK, status)
	var got struct {
		Found  int
		Groups []struct {
			Goroutines []int64
			States     []string
			Frames     []struct{ Func, File, Line string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	require.Equal(t, 9, got.Found)
	require.Len(t, got.Groups, 2)
	require.Len(t, got.Groups[0].Goroutines, 6, "the largest first; hidden values do not tell them apart")
	require.Len(t, got.Groups[1].Goroutines, 3)
	require.Equal(t, []string{"chan receive"}, got.Groups[0].States)
	require.Contains(t, got.Groups[0].Frames[0].Func, "crowd")

	one := strconv.FormatInt(ids[4], 10)
	address = serve(t) + "?value=leaves+it+out&stacks=" + one + "&format=text"
	_, body = post(t, address, nil, "X-Gls-Stacks", "yes")
	require.Contains(t, body, "goroutines "+one+"\n")
	require.Contains(t, body, "1 of ")
	_, body = post(t, serve(t)+"?stacks=99999999", nil, "X-Gls-Stacks", "yes")
	require.Contains(t, body, "Goroutine 99999999 holds no state any more.")
}

// TestStacksShowNoArguments checks this because a frame's arguments are words
// of memory that may be hidden values.
func TestStacksShowNoArguments(t *testing.T) {
	release, ended, started := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer number.Set(0x5EC2E7).Reset()
		keep(0x5EC2E7, started, release)
	}()
	<-started
	address := serve(t) + "?var=number&stacks=grouped"
	for _, format := range []string{"", "&format=text", "&format=json"} {
		_, body := post(t, address+format, nil, "X-Gls-Stacks", "yes")
		require.Contains(t, body, "glsdebug_test.keep")
		require.NotContains(t, strings.ToLower(body), "5ec2e7")
	}
	close(release)
	<-ended
}

//go:noinline
func keep(x int, started, release chan struct{}) int {
	close(started)
	<-release
	return x
}
