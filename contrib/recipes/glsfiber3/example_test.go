package glsfiber3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/seed18162548/contextvars/contrib/recipes/glsfiber3"
	"github.com/seed18162548/contextvars/gls"
)

// Isolate comes first. Bind copies what it is given, because fiber uses the
// memory again for the next request.
func Example() {
	user := gls.New[string]("user")
	app := fiber.New()
	app.Use(glsfiber3.Isolate, glsfiber3.Bind(user, func(c fiber.Ctx) (string, bool) {
		return c.Get("X-User"), true
	}))
	app.Get("/", func(fiber.Ctx) error {
		fmt.Println("hello,", user.Get())
		return nil
	})

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-User", "ann")
	if _, err := app.Test(r); err != nil {
		fmt.Println(err)
	}
	// Output: hello, ann
}
