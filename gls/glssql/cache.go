package glssql

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
)

// caches reports whether the driver of c is known to cache statements by their
// text. pgx does, unless it is configured not to.
func caches(c driver.Conn) bool {
	t := reflect.TypeOf(c)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !strings.Contains(t.PkgPath(), "github.com/jackc/pgx/") {
		return false
	}
	mode, ok := queryMode(c)
	return !ok || strings.HasPrefix(mode, "cache")
}

// queryMode returns the name of the mode in which a connection of pgx/v5/stdlib
// runs statements: c.Conn().Config().DefaultQueryExecMode. It uses reflection
// because this module does not require pgx.
func queryMode(c driver.Conn) (mode string, ok bool) {
	conn := reflect.ValueOf(c).MethodByName("Conn")
	if !getter(conn) {
		return "", false
	}
	config := conn.Call(nil)[0].MethodByName("Config")
	if !getter(config) {
		return "", false
	}
	fields := reflect.Indirect(config.Call(nil)[0])
	if fields.Kind() != reflect.Struct {
		return "", false
	}
	field := fields.FieldByName("DefaultQueryExecMode")
	if !field.IsValid() || !field.CanInterface() {
		return "", false
	}
	return fmt.Sprint(field.Interface()), true
}

// getter reports whether m is a method that has no parameters and one result.
func getter(m reflect.Value) bool {
	return m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1
}
