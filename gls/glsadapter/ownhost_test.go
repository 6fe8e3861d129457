package glsadapter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

func TestOwnHost(t *testing.T) {
	for _, tt := range []struct {
		host string
		want bool
		why  string
	}{
		{"localhost", true, ""},
		{"LocalHost", true, "names have no case"},
		{"localhost.", true, "the same name, absolute"},
		{"LOCALHOST.", true, ""},
		{"localhost:80", true, ""},
		{"localhost.:8080", true, ""},
		{"localhost:", true, "an empty port is the default one"},
		{"localhost:https", true, "gRPC takes names of services"},
		{"127.0.0.1", true, ""},
		{"127.0.0.1:80", true, ""},
		{"127.255.255.254", true, "all of 127.0.0.0/8"},
		{"::1", true, ""},
		{"[::1]", true, ""},
		{"[::1]:443", true, ""},
		{"0:0:0:0:0:0:0:1", true, ""},
		{"::ffff:127.0.0.1", true, "IPv4 mapped to IPv6"},
		{"[::ffff:7f00:1]:80", true, "the same in hexadecimal"},

		{"", false, ""},
		{":80", false, ""},
		{"localhost..", false, ""},
		{".localhost", false, ""},
		{"app.localhost", false, "some resolvers ask a server"},
		{"localhost.example.com", false, ""},
		{"localhost6", false, ""},
		{"xlocalhost", false, ""},
		{"localhost.localdomain", false, ""},
		{"127.0.0.1.example.com", false, ""},
		{"127.0.0.1.nip.io:80", false, ""},
		{"127.1", false, "net.Dial looks it up as a name"},
		{"127.0.0.1.", false, "a name that ends in digits and a dot"},
		{"0177.0.0.1", false, "octal to some, decimal to others"},
		{"127.000.000.001", false, ""},
		{"2130706433", false, ""},
		{"0x7f000001", false, ""},
		{"0.0.0.0", false, "every address of the machine"},
		{"::", false, ""},
		{"128.0.0.1", false, ""},
		{"126.255.255.255", false, ""},
		{"169.254.169.254", false, "metadata of clouds"},
		{"10.0.0.1", false, ""},
		{"::2", false, ""},
		{"::127.0.0.1", false, "IPv4-compatible, deprecated"},
		{"::ffff:128.0.0.1", false, ""},
		{"64:ff9b::127.0.0.1", false, "NAT64"},
		{"::1%eth0", false, "a zone names an interface"},
		{"[::1%25lo]:80", false, ""},
		{"localhost:80@example.com", false, "a user and a password"},
		{"localhost@example.com", false, ""},
		{"localhost:80/path", false, ""},
		{"localhost:80:80", false, ""},
		{"localhost#example.com", false, ""},
		{"localhost\x00", false, ""},
		{" localhost", false, ""},
		{"localhost ", false, ""},
		{"lo\u200bcalhost", false, ""},
		{"\u24dbocalhost", false, "some resolvers map circled letters"},
		{"ⓛocalhoſt", false, ""},
		{"[localhost]", false, "brackets are for IPv6"},
		{"[127.0.0.1]:80", false, ""},
		{"[::1", false, ""},
		{"::1]", false, ""},
		{"[::1]x", false, ""},
		{"[::1]:80]", false, ""},
		{"[[::1]]", false, ""},
	} {
		require.Equal(t, tt.want, glsadapter.OwnHost(tt.host), "%q %s", tt.host, tt.why)
	}
}

// To strings.EqualFold, U+017F, the long s, is an s.
func TestOwnHostFoldsOnlyASCII(t *testing.T) {
	require.False(t, glsadapter.OwnHost("localho\u017ft"))
}

func FuzzOwnHost(f *testing.F) {
	f.Add("localhost:80")
	f.Add("[::ffff:127.0.0.1]:1")
	f.Fuzz(func(t *testing.T, host string) {
		if !glsadapter.OwnHost(host) {
			return
		}
		for i := 0; i < len(host); i++ {
			if c := host[i]; c <= ' ' || c >= 0x7f || c == '@' || c == '/' || c == '%' || c == '#' || c == '?' {
				t.Fatalf("%q", host)
			}
		}
	})
}
