//go:build cgo && (linux || darwin)

// Package cthreads calls Go functions on threads that C created. Tests cannot
// use cgo themselves.
package cthreads

/*
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

extern void contextvarsCallback(uintptr_t f, int thread, int round);

typedef struct {
	uintptr_t f;
	pthread_mutex_t mu;
	pthread_cond_t changed;
	int n, round, out; // threads, the round that they are in, those that are through
	pthread_t *ids;
} contextvarsPool;

typedef struct {
	contextvarsPool *pool;
	int thread;
} contextvarsWorker;

// Calls back once a round, until the round is negative.
static void *contextvarsWork(void *arg) {
	contextvarsWorker w = *(contextvarsWorker *)arg;
	free(arg);
	for (int last = 0;;) {
		pthread_mutex_lock(&w.pool->mu);
		while (w.pool->round == last)
			pthread_cond_wait(&w.pool->changed, &w.pool->mu);
		last = w.pool->round;
		pthread_mutex_unlock(&w.pool->mu);
		if (last < 0)
			return NULL;
		contextvarsCallback(w.pool->f, w.thread, last - 1);
		pthread_mutex_lock(&w.pool->mu);
		w.pool->out++;
		pthread_cond_broadcast(&w.pool->changed);
		pthread_mutex_unlock(&w.pool->mu);
	}
}

static contextvarsPool *contextvarsStart(uintptr_t f, int n) {
	contextvarsPool *p = calloc(1, sizeof *p);
	p->f = f;
	pthread_mutex_init(&p->mu, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->ids = calloc(n, sizeof *p->ids);
	for (; p->n < n; p->n++) {
		contextvarsWorker *w = malloc(sizeof *w);
		*w = (contextvarsWorker){p, p->n};
		if (pthread_create(&p->ids[p->n], NULL, contextvarsWork, w) != 0) {
			free(w);
			break;
		}
	}
	return p;
}

// Has every thread call back once, and returns when all are out again.
static void contextvarsRound(contextvarsPool *p) {
	pthread_mutex_lock(&p->mu);
	p->round++;
	p->out = 0;
	pthread_cond_broadcast(&p->changed);
	while (p->out < p->n)
		pthread_cond_wait(&p->changed, &p->mu);
	pthread_mutex_unlock(&p->mu);
}

static void contextvarsStop(contextvarsPool *p) {
	pthread_mutex_lock(&p->mu);
	p->round = -1;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mu);
	for (int i = 0; i < p->n; i++)
		pthread_join(p->ids[i], NULL);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mu);
	free(p->ids);
	free(p);
}
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
)

// Run creates threads in C, has all of them call f at the same time, once for
// every round, and ends them. After each round it calls between, while they
// live but are outside of Go.
func Run(threads, rounds int, f func(thread, round int), between func()) {
	h := cgo.NewHandle(f)
	defer h.Delete()
	pool := C.contextvarsStart(C.uintptr_t(h), C.int(threads))
	defer C.contextvarsStop(pool)
	if n := int(pool.n); n != threads {
		panic(fmt.Sprint("cthreads: ", n, " of ", threads, " threads could be created"))
	}
	for i := 0; i < rounds; i++ {
		C.contextvarsRound(pool)
		between()
	}
}
