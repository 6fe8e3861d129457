package glssql

func (c *conn) remembered() int { return len(c.skips) }

// Skips returns the number of skips that a wrapped connection remembers.
func Skips(c any) int { return c.(interface{ remembered() int }).remembered() }
