package glsdebug

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
)

// A lock admits requests that present a token: in the parameter "token" of the
// address, in the cookie that the response to such a request sets, or in a
// header "Authorization: Bearer".
type lock struct {
	// All fields except told are immutable after newLock.

	token  string
	cookie string // name, one for each token: cookies do not know ports
	pass   string // value of the cookie, from which the token cannot be told
	told   atomic.Bool
}

// newLock returns a lock for token.
func newLock(token string) *lock {
	return &lock{
		token:  token,
		cookie: "glsdebug-" + derived(token, "name")[:16],
		pass:   derived(token, "pass"),
	}
}

// newToken returns a secret of 128 bits.
func newToken() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("glsdebug: no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// derived returns a text that is computed from token and from which token
// cannot be recovered.
func derived(token, purpose string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("glsdebug " + purpose))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// same reports whether a and b are equal. Its time does not depend on where
// they differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// opens reports whether r presents the token, and whether the response should
// set the cookie because the token was in the address.
func (l *lock) opens(r *http.Request) (ok, fresh bool) {
	if token := r.URL.Query().Get("token"); token != "" && same(token, l.token) {
		return true, true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(token), l.token) {
		return true, false
	}
	// Another service of this host may have set a cookie of that name as well.
	for _, c := range r.Cookies() {
		if c.Name == l.cookie && same(c.Value, l.pass) {
			return true, false
		}
	}
	return false, false
}

// admit sets the cookie. It has no path, so browsers use the directory of the
// page as they know it, which a proxy may have renamed.
func (l *lock) admit(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: l.cookie, Value: l.pass,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
}

// longestPath limits what a stranger can write to the log.
const longestPath = 512

// tell logs the address of the page that r asks for, including the token,
// unless it was logged before. Of that line the client controls only the path.
func (l *lock) tell(r *http.Request) {
	if l.told.Load() {
		return
	}
	address := l.address(r)
	if len(address) <= longestPath+len(l.token)*3 && l.told.CompareAndSwap(false, true) {
		log.Print("glsdebug: the debugging page asks for a token: " + address)
	}
}

// address returns the URL by which programs on this machine reach the page that
// r asks for, if r arrived over TCP, and otherwise a description of the place.
func (l *lock) address(r *http.Request) string {
	u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath}
	if asked, err := url.ParseRequestURI(r.RequestURI); err == nil { // a prefix may be stripped from r.URL
		u.Path, u.RawPath = asked.Path, asked.RawPath
	}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path, u.RawPath = "/"+u.Path, ""
	}
	u.RawQuery = url.Values{"token": {l.token}}.Encode()
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return u.RequestURI()
	}
	if _, err := netip.ParseAddrPort(local.String()); err != nil {
		return u.RequestURI() + " on the " + local.Network() + " socket " + legible(local.String())
	}
	u.Scheme, u.Host = "http", local.String()
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}
