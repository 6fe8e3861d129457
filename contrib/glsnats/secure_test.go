package glsnats_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// certificate returns one for the loopback interface, signed by itself, and the
// pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "glsnats test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// operator has the server accept users of one account with JetStream, as an
// operator's set-up does, and returns the credentials file of a user.
func operator(t *testing.T, o *server.Options) (file string) {
	t.Helper()
	must := func(k nkeys.KeyPair, err error) (nkeys.KeyPair, string) {
		require.NoError(t, err)
		public, err := k.PublicKey()
		require.NoError(t, err)
		return k, public
	}
	signer, signerID := must(nkeys.CreateOperator())
	_, systemID := must(nkeys.CreateAccount())
	account, accountID := must(nkeys.CreateAccount())
	user, userID := must(nkeys.CreateUser())

	resolver := &server.MemAccResolver{}
	for id, limits := range map[string]jwt.JetStreamLimits{
		systemID:  {},
		accountID: {MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1},
	} {
		claims := jwt.NewAccountClaims(id)
		claims.Limits.JetStreamLimits = limits
		text, err := claims.Encode(signer)
		require.NoError(t, err)
		require.NoError(t, resolver.Store(id, text))
	}
	o.AccountResolver, o.SystemAccount = resolver, systemID
	o.TrustedOperators = []*jwt.OperatorClaims{jwt.NewOperatorClaims(signerID)}

	text, err := jwt.NewUserClaims(userID).Encode(account)
	require.NoError(t, err)
	seed, err := user.Seed()
	require.NoError(t, err)
	creds, err := jwt.FormatUserConfig(text, seed)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "user.creds")
	require.NoError(t, os.WriteFile(file, creds, 0o600))
	return file
}

// TestSecured has a server that wants TLS and credentials.
func TestSecured(t *testing.T) {
	cert, pool := certificate(t)
	var creds string
	s, err := embedded.Start(embedded.Options(func(o *server.Options) {
		o.TLS, o.TLSConfig = true, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}
		creds = operator(t, o)
	}))
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	trusting := glsnats.TLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13})

	_, err = glsnats.Connect(s.URL(), glsnats.Credentials(creds))
	require.ErrorContains(t, err, "certificate")
	_, err = glsnats.Connect(s.URL(), trusting)
	require.ErrorIs(t, err, nats.ErrAuthorization)
	_, err = glsnats.Connect(s.URL(), trusting, glsnats.Credentials(filepath.Join(t.TempDir(), "none")))
	require.ErrorIs(t, err, os.ErrNotExist)

	c := connect(t, s, trusting, glsnats.Credentials(creds))
	require.NoError(t, c.Handle("who", func(j glsnats.Job) error { return j.Return(user.Get()) }))
	user.With("ann", func() {
		got, err := glsnats.Call[string](c, "who", nil)
		require.NoError(t, err)
		require.Equal(t, "ann", got)
	})
	state, err := c.Conn().TLSConnectionState()
	require.NoError(t, err)
	require.True(t, state.HandshakeComplete)
}
