// Package browser looks at gls/glsdebug as its users do, with Chromium. Its
// tests need the tag gls_browser, which make browser sets, and a chromium on
// PATH: without one they fail.
package browser
