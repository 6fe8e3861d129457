package main

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
)

//go:embed home.html
var homeText string

var homePage = template.Must(template.New("home").Parse(homeText))

// home serves a page that describes the requests of the service, with a form to
// send them. The form's script sets the header that names the user, as a proxy
// in front of the service would. A page of another site cannot send such
// requests: before a PUT, browsers ask the service, which does not allow it.
func home(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	var page bytes.Buffer
	err := homePage.Execute(&page, struct{ URL, Nonce string }{"http://" + r.Host, nonce})
	if err != nil {
		respondError(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-"+nonce+"'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	if _, err := page.WriteTo(w); err != nil {
		slog.Warn("page not sent", "error", err)
	}
}
