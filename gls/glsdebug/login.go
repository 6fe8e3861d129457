package glsdebug

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

// The form that asks for the token is all that a stranger sees. It contains its
// style sheet, because a request for that would need the token too.

// tokenForm is the data of the template "token".
type tokenForm struct {
	Style   template.CSS
	Address string // of what was asked for, without the token
	Wrong   bool   // a token was given
}

// style is the style sheet, and formPolicy allows it and nothing else.
var style, formPolicy = func() (template.CSS, string) {
	content, err := assets.ReadFile("assets/style.css")
	if err != nil {
		panic(err) // the file is compiled in
	}
	sum := sha256.Sum256(content)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	return template.CSS(content), "default-src 'none'; style-src 'sha256-" + hash + "'; " + //nolint:gosec // our own
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

// longestForm is the maximum size of a form, more than enough for a token.
const longestForm = 4 << 10

// askToken answers a request without the token. It sends the form to browsers
// and a sentence to other clients. If the request is the form with the right
// token, the response sets the cookie.
func (h *handler) askToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	wrong := q.Get("token") != ""
	q.Del("token")
	address := "?" + q.Encode()
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, longestForm)
		given := r.PostFormValue("token")
		if same(given, h.token) {
			h.lock.admit(w, r)
			w.Header().Set("Location", address)
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		wrong = wrong || given != ""
	}
	if q.Get("format") != "" || q.Get("asset") != "" || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		refuse(w, http.StatusForbidden, "This page asks for a token, which the program logged when it was first asked for.\nSend it as \"Authorization: Bearer TOKEN\", or open the page with ?token=TOKEN.")
		return
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "token", tokenForm{style, address, wrong}); err != nil {
		refuse(w, http.StatusInternalServerError, "glsdebug: "+err.Error())
		return
	}
	w.Header().Set("Content-Security-Policy", formPolicy)
	w.Header().Set("Content-Type", markup)
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write(b.Bytes())
}
