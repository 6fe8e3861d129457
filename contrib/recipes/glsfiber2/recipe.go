// Package glsfiber2 is a recipe for variables in servers of fiber v2.
//
//	app.Use(glsfiber2.Isolate, glsfiber2.Use(glsfasthttp.RequestID()), glsfiber2.Bind(user, userOf))
//
// Fiber returns strings that change with the next request of a connection:
// c.Get, c.Params, c.Query and others. Bind copies them. Code that calls Set
// itself must use glsfasthttp.Copy; "gls vet" reports calls of Set that do not.
package glsfiber2

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/contrib/glsfasthttp"
	"github.com/seed18162548/contextvars/gls"
)

// Isolate is middleware that runs each request in a new Context. It belongs
// first: fasthttp serves requests of many clients on one goroutine, so later
// ones would see a forgotten Set. The app's ErrorHandler runs outside of it.
func Isolate(c *fiber.Ctx) (err error) {
	glsfasthttp.Handler(func(*fasthttp.RequestCtx) { err = c.Next() })(c.Context())
	return err
}

// Use turns middleware of fasthttp, such as glsfasthttp.RequestID, into
// middleware of fiber.
func Use(middleware func(fasthttp.RequestHandler) fasthttp.RequestHandler) fiber.Handler {
	return func(c *fiber.Ctx) (err error) {
		middleware(func(*fasthttp.RequestCtx) { err = c.Next() })(c.Context())
		return err
	}
}

// Bind returns middleware that binds v to a copy of what f returns while a
// request is served, if f reports true. f must return only what the server has
// verified.
func Bind[T any](v *gls.Var[T], f func(*fiber.Ctx) (T, bool)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if x, ok := f(c); ok {
			defer v.Set(glsfasthttp.Copy(x)).Reset()
		}
		return c.Next()
	}
}
