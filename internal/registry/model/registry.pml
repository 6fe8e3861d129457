/*
 * The protocol of the registry, as table.go, shard.go, grow.go and sweep.go
 * have it, on
 * one shard. "make model" checks it exhaustively, and checks that each seeded
 * fault is found.
 *
 * One step of the model is one atomic access that a look-up without the lock, or
 * the runtime, could come in between: a load or store of a slot, of the table
 * pointer, of a State's owner, of a word of a g. What the holder of the lock does
 * to memory that nobody reads without it is one step with its neighbours. Stores
 * are interleaved as if they were visible at once, although package release has
 * them visible in order but later: all of them are made under the lock, whose
 * release waits for them, and no holder of it loads what a look-up stores.
 *
 * Bounds. GS g's run IDS goroutines of go statements, each g one after another;
 * CALLBACKS adds the g of C threads, whose goroutine comes and goes with
 * callbacks and never ends; one process sweeps, beside the sweeps of insertions.
 * Tables have 1, 2 and 4 slots and fill up to the last but one: more crowded than
 * brim allows. The next table is begun earlier and filled by one slot at a time,
 * between which the lock is free. Home slots are the last or the first one, in every combination,
 * so that probes collide and wrap around. Nothing else is bounded: a goroutine
 * looks up, joins and leaves as often and in whatever order it likes, and ends
 * with or without its entry; sweeps and rebuilds are not counted. main.go has
 * the combinations that are checked; none has more than two g's, because three
 * do not fit into 2 GiB.
 *
 * Not modelled: several shards, which share nothing; bindings, which only their
 * owner touches; the way of sweeping that lists all goroutines; the finalizer;
 * and that a look-up ends, except that there is an empty slot whenever nobody
 * holds the lock. A State that can no longer be reached is reused at once, as a
 * garbage collector would.
 *
 * Seeded faults:
 *   FAULT_STALE_STATUS  a g counts as ended if its status is dead and, a load
 *                       later, its m is nil: two moments taken for one
 *   FAULT_LOST_REMOVAL  a removal from a slot that was copied leaves the copy
 *   FAULT_LOST_INSERT   an insertion into such a slot is not made in the copy
 *   FAULT_EARLY_REUSE   a slot becomes empty though its successor is taken
 *   FAULT_EARLY_STATE   Remove offers its State before its entry is gone
 */

#ifndef IDS
#define IDS 3           /* goroutines of go statements */
#endif
#ifndef GS
#define GS 1            /* g's that they run on */
#endif
#define CALLBACK (IDS + 1) /* ID of the goroutine of the C threads */
#ifndef CALLBACKS
#define CALLBACKS 1     /* whether there is a g of C threads, too */
#endif
#define OWNERS (GS + CALLBACKS)
#define CG GS           /* the g of the C threads */

#define WIDTH 4
#define STATES (OWNERS + 3) /* room enough: new_state asserts that it finds some */

/* Tables: the current one, one that a rebuild fills, and those that a look-up
   still has in hand. The current one is always number 0, so that states that
   differ by the numbering only are one: publication moves the old one. */
#define CURRENT 0
#define FILLING 1
#define OLD 2
#define TABLES (OLD + OWNERS + 1)

/* What a slot holds: EMPTY, TOMBSTONE, or a State, from FIRST on. */
#define EMPTY 0
#define TOMBSTONE 1
#define FIRST 2
#define END (FIRST + STATES)

#define WRAP(t, i) ((i) & (size[t] - 1))
#define SLOT(t, i) slot[(t) * WIDTH + WRAP(t, i)]
/* The index is the top bits of the hash, as in table.home. */
#define HOME(t, id) (home[id] >> (size[t] == WIDTH -> 0 : (size[t] == 2 -> 1 : 2)))
#define BRIM(n) ((n) - 1)
#define LIMIT(n) ((n) >> 1)

/* The shard. */
byte slot[TABLES * WIDTH];
byte size[TABLES]; /* 0: there is no such table */
bool locked;
byte live, taken;
byte copied;       /* slots of the current table that are in FILLING, too */
byte ftaken;       /* slots of FILLING that are not empty */
bit replaced;      /* since the sweep in progress has looked at the table */
byte free;         /* a State or EMPTY */

/* The States. */
byte who[END];
byte handle[END]; /* a g */
byte making;      /* in the lock holder's hand, in no table */
byte swept;       /* in a sweep's hand */

/* The runtime. */
#define DEAD 0
#define ALIVE 1
byte goid[OWNERS];
bit status[OWNERS];
byte started;       /* IDs given out */
byte finished;      /* g's that will run no more goroutines */
#ifdef FAULT_STALE_STATUS
bit m[OWNERS];      /* m is not nil */
#define THIRD(g) (!m[g])
#else
/* A word that the g of C threads never clears, and every other g once its
   goroutine has ended: lockedm. One load of it and one of status need not be of
   one moment. */
#define THIRD(g) (g != CG)
#endif

/* What readers have in hand. */
byte reading[OWNERS]; /* a table + 1, or 0 */
byte seen[OWNERS];    /* a State or TOMBSTONE whose owner is to be loaded, or 0 */

/* What is true. Only assertions look at it, and a goroutine at its own entry. */
byte entry[IDS + 2]; /* the State that goroutine id inserted and nobody removed */
bool ended[IDS + 2];

byte home[IDS + 2]; /* in a table of WIDTH slots */

#include "memory.pml"

inline unlock() { consistent(); collect(); locked = false }

/* place sets x to the slot where table.put puts an entry of goroutine id. */
inline place(t, id) {
	x = HOME(t, id);
	do
	:: SLOT(t, x) >= FIRST -> x++
	:: else -> break
	od;
	x = WRAP(t, x)
}

/* begin is shard.allocate: the next table, still empty. That the lock is released
   meanwhile is left out: the goroutine begins to copy at a later moment. */
inline begin() {
	size[FILLING] = (BRIM(2) < live + 1 -> 4 : 2);
	copied = 0;
	ftaken = 0
}

/* give_up drops the next table. */
inline give_up() { drop(FILLING); copied = 0; ftaken = 0 }

/* put_next is shard.putNext. It uses x. */
inline put_next(s, id) {
	if
	:: ftaken >= BRIM(size[FILLING]) -> give_up()
	:: else ->
		place(FILLING, id);
		ftaken = ftaken + (SLOT(FILLING, x) == EMPTY -> 1 : 0);
		SLOT(FILLING, x) = s
	fi;
	x = 0
}

/* take_next is shard.takeNext of a State, which must be in FILLING. */
inline take_next(s) {
	x = 0;
	do
	:: x < size[FILLING] && SLOT(FILLING, x) != s -> x++
	:: else -> break
	od;
	assert(x < size[FILLING]);
	SLOT(FILLING, x) = TOMBSTONE;
	y = 0;
	do
	:: y < size[FILLING] && SLOT(FILLING, x) == TOMBSTONE && SLOT(FILLING, x + 1) == EMPTY ->
		SLOT(FILLING, x) = EMPTY; ftaken--; x = WRAP(FILLING, x + size[FILLING] - 1); y++
	:: else -> break
	od;
	x = 0; y = 0
}

/* copy_slot is shard.copySlots of one slot. Entries of ended goroutines are not
   removed here: that is like a sweep before it. */
inline copy_slot() {
	z = SLOT(CURRENT, copied);
	if
	:: z >= FIRST -> put_next(z, who[z])
	:: else
	fi;
	z = 0;
	if
	:: size[FILLING] != 0 ->
		copied++;
		if
		:: copied == size[CURRENT] -> publish()
		:: else
		fi
	:: else
	fi
}

inline publish() {
	x = OLD;
	do
	:: size[x] != 0 -> x++
	:: else -> break
	od;
	move(CURRENT, x);
	y = 0;
	do
	:: y < OWNERS ->
		if
		:: reading[y] == CURRENT + 1 -> reading[y] = x + 1
		:: else
		fi;
		y++
	:: else -> break
	od;
	move(FILLING, CURRENT);
	taken = ftaken;
	give_up();
	replaced = 1;
	x = 0;
	collect()
}

/* clear is table.clear of slot i, one store a step. */
inline clear(i) {
	atomic {
		if
#ifndef FAULT_EARLY_REUSE
		:: SLOT(CURRENT, i + 1) != EMPTY -> SLOT(CURRENT, i) = TOMBSTONE; j = i
#endif
		:: else -> SLOT(CURRENT, i) = EMPTY; taken--; j = WRAP(CURRENT, i - 1)
		fi
	}
	do
	:: d_step {
		j != i && SLOT(CURRENT, j) == TOMBSTONE ->
		SLOT(CURRENT, j) = EMPTY; taken--; j = WRAP(CURRENT, j - 1)
	   }
	:: else -> break
	od
}

/* sweep is shard.sweep: layout.ended loads the words of a g one by one. The lock
   is free between two slots; if the table was replaced meanwhile, the sweep begins
   again. */
inline sweep() {
	i = size[CURRENT];
	replaced = 0;
	do
	:: d_step { i > 0 && SLOT(CURRENT, i - 1) < FIRST -> i-- }
	:: d_step {
		i > 0 && SLOT(CURRENT, i - 1) >= FIRST ->
		i--;
		swept = SLOT(CURRENT, i);
		gone = (goid[handle[swept]] != who[swept])
	   }
		if
		:: gone
		:: !gone && status[handle[swept]] == DEAD -> gone = THIRD(handle[swept])
		:: !gone && status[handle[swept]] != DEAD
		fi;
		if
		:: d_step { gone -> assert(ended[who[swept]]); entry[who[swept]] = 0; gone = false; live-- }
			clear(i);
			take_copy(i, swept)
		:: !gone
		fi;
		d_step { swept = 0; unlock() }
		atomic {
			!locked -> locked = true;
			if
			:: replaced -> i = size[CURRENT]; replaced = 0
			:: else
			fi
		}
	:: i == 0 -> break
	od
}

/* take_copy removes a State, which was in slot i, from FILLING if it was copied. */
inline take_copy(i, s) {
#ifndef FAULT_LOST_REMOVAL
	d_step {
		if
		:: i < copied -> take_next(s)
		:: else
		fi
	}
#else
	skip
#endif
}

/* look is Mine, by goroutine id on g: table.find, one load a step. */
inline look(g, id) {
	d_step { reading[g] = CURRENT + 1; i = HOME(CURRENT, id) }
	do
	:: atomic {
		SLOT(reading[g] - 1, i) == EMPTY ->
		assert(entry[id] == 0); /* it is not found only if it is not there */
		break
	   }
	:: d_step { SLOT(reading[g] - 1, i) != EMPTY -> seen[g] = SLOT(reading[g] - 1, i) }
		if
		:: atomic {
			who[seen[g]] == id ->
			assert(entry[id] == seen[g]); /* it is its own, and not removed */
			break
		   }
		:: d_step {
			who[seen[g]] != id ->
			seen[g] = 0;
			i = WRAP(reading[g] - 1, i + 1);
			collect()
		   }
		fi
	od;
	atomic { i = 0; d_step { seen[g] = 0; reading[g] = 0; collect() } }
}

/* join is insert, by goroutine id on g, which has no entry. */
inline join(g, id) {
	atomic {
		!locked ->
		locked = true;
		d_step {
			if
			:: free != EMPTY -> making = free; free = EMPTY
			:: else -> new_state()
			fi;
			x = 1;
			do
			:: x <= CALLBACK -> assert(entry[x] != making); x++ /* it is nobody else's */
			:: else -> break
			od;
			x = 0;
			handle[making] = g
		}
	}
	who[making] = id;
	/* shard.makeRoom */
	atomic {
		if
		:: size[FILLING] == 0 && taken >= LIMIT(size[CURRENT]) -> d_step { begin() }
		:: else
		fi;
		if
		:: size[FILLING] != 0 -> d_step { copy_slot() }
		:: else
		fi
	}
	do
	:: taken < BRIM(size[CURRENT]) -> break
	:: d_step { taken >= BRIM(size[CURRENT]) && size[FILLING] == 0 -> begin() }
	:: d_step { taken >= BRIM(size[CURRENT]) && size[FILLING] != 0 -> copy_slot() }
	od;
	skip;
	d_step {
		place(CURRENT, id);
		taken = taken + (SLOT(CURRENT, x) == EMPTY -> 1 : 0);
		SLOT(CURRENT, x) = making;
#ifndef FAULT_LOST_INSERT
		if
		:: x < copied -> put_next(making, id)
		:: else
		fi;
#endif
		x = 0;
		live++;
		entry[id] = making;
		making = 0;
		unlock()
	}
}

/* leave is State.Remove, by goroutine id. */
inline leave(id) {
#ifdef FAULT_EARLY_STATE
	atomic { !locked -> free = entry[id] }
#endif
	atomic {
		!locked ->
		locked = true;
		d_step {
			making = entry[id];
			i = HOME(CURRENT, id);
			x = 0;
			do
			:: x < WIDTH && SLOT(CURRENT, i) != making -> x++; i++
			:: else -> break
			od;
			assert(x < WIDTH); /* it is there */
			i = WRAP(CURRENT, i);
			x = 0
		}
	}
	clear(i);
	take_copy(i, making);
	atomic {
		i = 0;
		d_step {
			j = 0;
			live--;
#ifndef FAULT_EARLY_STATE
			free = making;
#endif
			making = 0;
			entry[id] = 0;
			unlock()
		}
	}
}

/* runs is a g of go statements: it runs one goroutine after another. */
proctype runs(byte g) {
	byte id, i, j;
	bool gone;
	do
	:: atomic { started < IDS -> started++; id = started }
		/* newproc1 stores goid and status in an order that depends on the release. */
		if
		:: goid[g] = id; status[g] = ALIVE
		:: status[g] = ALIVE; goid[g] = id
		fi;
#ifdef FAULT_STALE_STATUS
		m[g] = 1;
#endif
		do
		:: look(g, id)
		:: entry[id] == 0 -> join(g, id)
		:: entry[id] != 0 -> leave(id)
		:: d_step { status[g] = DEAD; ended[id] = true }
			break
		od;
#ifdef FAULT_STALE_STATUS
		m[g] = 0;
#endif
		id = 0
	:: atomic { started == IDS -> finished++; break }
	od
}

#if CALLBACKS
/* serves is the g of C threads. It is dead between them, with an m, and comes
   back under its ID; while a callback waits for something, it has no m. Its
   goroutine never ends, even if no thread comes any more. */
proctype serves() {
	byte i, j;
	bool gone;
	do
	:: status[CG] = ALIVE;
		do
		:: look(CG, CALLBACK)
		:: entry[CALLBACK] == 0 -> join(CG, CALLBACK)
		:: entry[CALLBACK] != 0 -> leave(CALLBACK)
#ifdef FAULT_STALE_STATUS
		:: m[CG] = 0; m[CG] = 1
#endif
		:: status[CG] = DEAD; break
		od
	:: break
	od
}
#endif

/* sweeps is Sweep, again and again, until once after all goroutines have ended. */
proctype sweeps() {
	byte i, j;
	bool gone, last;
	do
	:: atomic { !locked -> locked = true; last = (finished == GS) }
		sweep();
		/* shard.shrink, or a step of it; the others are an insertion's. */
		if
		:: d_step { size[FILLING] == 0 && size[CURRENT] > 2 && BRIM(2) >= live + 1 -> begin() }
		:: d_step { size[FILLING] != 0 -> copy_slot() }
		:: !(size[FILLING] == 0 && size[CURRENT] > 2 && BRIM(2) >= live + 1)
		fi;
		atomic {
			j = 0;
			d_step {
				x = 1;
				do
				:: x <= IDS -> assert(!last || entry[x] == 0); x++ /* nothing is left of them */
				:: else -> break
				od;
				unlock()
			}
			if
			:: last -> break
			:: else
			fi
		}
	od
}

init {
	byte id;
	atomic {
		size[CURRENT] = 1;
#if CALLBACKS
		goid[CG] = CALLBACK;
#ifdef FAULT_STALE_STATUS
		m[CG] = 1;
#endif
#endif
		id = 1;
		do
		:: id <= IDS + CALLBACKS ->
			if
			:: home[id] = WIDTH - 1
			:: home[id] = 0
			fi;
			id++
		:: else -> break
		od;
		run runs(0);
#if GS > 1
		run runs(1);
#endif
#if CALLBACKS
		run serves();
#endif
		run sweeps()
	}
}
