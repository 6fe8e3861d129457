package glsredis

import (
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

// handshake is the set of commands that clients send on their own when they
// connect.
var handshake = map[string]bool{
	"hello": true, "auth": true, "select": true, "readonly": true,
	"client setinfo": true, "client setname": true, "client maint_notifications": true,
}

// waiting is the set of commands that wait until another client does something.
var waiting = map[string]bool{
	"blpop": true, "brpop": true, "brpoplpush": true, "blmove": true, "blmpop": true,
	"bzpopmin": true, "bzpopmax": true, "bzmpop": true, "wait": true, "waitaof": true,
}

// nameOf returns the name of cmd, in lower case, with its subcommand if it is a
// command of the client.
func nameOf(cmd redis.Cmder) string {
	name := strings.ToLower(cmd.Name())
	if name == "client" && len(cmd.Args()) > 1 {
		if sub, ok := cmd.Args()[1].(string); ok {
			name += " " + strings.ToLower(sub)
		}
	}
	return name
}

// internal reports whether the client sends cmd on its own.
func internal(cmd redis.Cmder) bool { return handshake[nameOf(cmd)] }

// ofProgram reports whether the program sent any of cmds.
func ofProgram(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		if !internal(cmd) {
			return true
		}
	}
	return false
}

// waits reports whether cmd waits until another client does something.
func waits(cmd redis.Cmder) bool {
	switch name := nameOf(cmd); name {
	case "xread", "xreadgroup":
		for _, arg := range cmd.Args() {
			switch word, ok := arg.(string); {
			case ok && strings.EqualFold(word, "block"):
				return true
			case ok && strings.EqualFold(word, "streams"):
				return false // keys follow
			}
		}
		return false
	default:
		return waiting[name]
	}
}

func anyWaits(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		if waits(cmd) {
			return true
		}
	}
	return false
}

// failure returns err, or nil if err only says that there is no such key.
func failure(err error) error {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}

// firstFailure returns the first failure of a pipeline. err, which is the error
// of the first command that has one, may not be a failure and hide a failure of
// a later command.
func firstFailure(cmds []redis.Cmder, err error) error {
	if err == nil {
		return nil
	}
	ofCommand := false
	for _, cmd := range cmds {
		ofCommand = ofCommand || cmd.Err() != nil
		if bad := failure(cmd.Err()); bad != nil && !internal(cmd) {
			return bad
		}
	}
	if ofCommand {
		return nil
	}
	return failure(err) // of the connection
}
