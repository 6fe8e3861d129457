package registry

// Births returns the number of goroutines whose Birth is kept.
func Births() (n int) {
	for i := range shards {
		sh := &shards[i]
		sh.mu.Lock()
		n += len(sh.births)
		sh.mu.Unlock()
	}
	return n
}
