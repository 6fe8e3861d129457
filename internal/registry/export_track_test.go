package registry

// SpawnRecords returns the number of goroutines whose SpawnRecord is kept.
func SpawnRecords() (n int) {
	for i := range shards {
		sh := &shards[i]
		sh.mu.Lock()
		n += len(sh.records)
		sh.mu.Unlock()
	}
	return n
}
