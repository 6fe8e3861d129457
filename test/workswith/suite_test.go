package workswith_test

import (
	"testing"

	"github.com/stretchr/testify/suite"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// A boundSuite binds in each place where a suite is set up. Tests and subtests
// have goroutines of their own.
type boundSuite struct {
	suite.Suite
	setUp *gls.Context // as SetupSuite leaves it
	sub   bool         // SetupSubTest binds
}

func (s *boundSuite) SetupSuite() {
	defer user.Set("suite").Reset()
	s.setUp = gls.CopyContext()
}

// SetupTest runs on the test's goroutine: what it binds is seen by the test.
func (s *boundSuite) SetupTest() { glstest.Set(s.T(), left, "test") }

func (s *boundSuite) SetupSubTest() {
	if s.sub {
		glstest.Set(s.T(), user, "subtest")
	}
}

func (s *boundSuite) TestSetup() {
	s.Equal("nobody", user.GetOr("nobody"), "SetupSuite runs on another goroutine")
	s.Equal("test", left.Get())
	s.setUp.Copy().Run(func() { s.Equal("suite", user.Get()) })
}

func (s *boundSuite) TestSubtests() {
	defer user.Set("ann").Reset()
	s.Run("plain", func() {
		s.Equal("nobody", user.GetOr("nobody"))
		s.Equal("nobody", left.GetOr("nobody"))
	})
	s.Run("wrapped", gls.Wrap(func() {
		s.Equal("ann", user.Get())
		s.Equal("test", left.Get())
		user.Set("ben")
	}))
	s.Equal("ann", user.Get())
	glstest.Run(s.T(), "glstest.Run", func(t *testing.T) {
		outer := s.T()
		s.SetT(t)
		defer s.SetT(outer)
		s.Equal("ann", user.Get())
	})
	s.sub = true
	defer func() { s.sub = false }()
	s.Run("SetupSubTest", func() { s.Equal("subtest", user.Get()) })
}

func TestTestifySuite(t *testing.T) {
	glstest.CheckLeaks(t)
	defer user.Set("caller").Reset() // not seen in the suite
	suite.Run(t, new(boundSuite))
}
