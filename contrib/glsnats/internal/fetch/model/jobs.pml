/*
 * The life of jobs: a producer, a server and workers, each of which may fail at
 * any step. What is checked:
 *
 * - a job for which Go returned nil is queued, done, or a dead letter;
 * - a job that left the queue was done, or has a letter of its own;
 * - a healthy job never becomes a dead letter, whoever runs beside it;
 * - a job that is put off or suspected has its turn in the end: when nothing more
 *   can happen, the queue is empty.
 *
 * There are two jobs at a time, HEALTHY and POISON, or, with LETTERS, ILL and
 * AGAIN. HEALTHY never fails. POISON, which has the same ID under another name,
 * crashes its worker whenever it runs: by a panic in its own goroutine, if PANICS
 * is 1, or otherwise. ILL fails for good, and AGAIN is another job of the same
 * name and ID, submitted after ILL has died, that does so too.
 *
 * A worker has a lane for each job; the state of a lane is in pc. All that a
 * worker has is lost when it dies; it is started again at once. The budgets bound
 * what goes wrong besides: KILLS of a worker, CUTS, after which the server takes a
 * job from a worker that lives, LOSSES of a message on its way, and PUTS, of a job
 * that a worker puts back unrun.
 */

#ifdef LETTERS
#define ILL 0
#define AGAIN 1
#define HEALTHY 2
#define POISON 3
#else
#define HEALTHY 0
#define POISON 1
#define ILL 2
#define AGAIN 3
#endif
#define DIES(j) (j == ILL || j == AGAIN)
#define JOBS 2
#ifndef WORKERS
#define WORKERS 2
#endif
#define LANES (WORKERS * JOBS)

/* The first company, and its factor, are scaled down with the number of jobs. */
#define FIRST 2
#define NEXT(n) (n / 2)

/* States of a job at the server. */
#define NONE 0
#define QUEUED 1
#define OUT 2
#define GONE 3

/* States of a lane. */
#define IDLE 0
#define GOT 1      /* a job came */
#define WAITING 2  /* at the gate */
#define MARKING 3  /* inside, as a suspect: its memory is to be written */
#define RUNNING 4
#define ENDED 5    /* the function returned */
#define FAILED 6   /* the function failed for good, or had failed too often */
#define BURIED 7   /* its letter is stored */
#define DYING 8    /* it panicked: its neighbours are to be pardoned */
#define LAST 9     /* its own memory is to be written */
#define PUTTING 10 /* it is to be put back unrun */

byte at[JOBS];          /* the state of the job at the server */
#ifdef FAULT_DELIVERIES
byte count[JOBS];       /* deliveries */
#endif
bool told[JOBS];        /* Go returned nil */
bool done[JOBS];        /* the function has returned nil */
bool letter[JOBS];      /* its death is a letter of its own */
bool window[2];         /* whether the server remembers the ID, by name */
bool letters;           /* whether the server remembers a letter of ILL's name and ID */

/* Memory of a job: what is known of its deliveries. Numbers that only grow, as
   those of deliveries and revisions do, are told by their differences, so that
   there are few states. */
typedef Memory {
	byte since;     /* deliveries since the one that wrote it, up to 2 */
	byte failures;
	byte company;
	byte suspect;
	byte worker;
	bool lives;     /* that worker has not died since */
};
Memory memory[JOBS];

typedef Lane {
	byte pc;
	byte age;       /* deliveries of the job since this one, up to 2 */
	bool current;   /* the memory that was read is the last one */
	byte failures;
	byte suspect;
	bool in;        /* the process, as the gate counts it */
};
Lane lane[LANES];
byte inside[WORKERS];
bool shut[WORKERS];

bool over;              /* nothing more can happen */
byte kills = KILLS, cuts = CUTS, losses = LOSSES, puts = PUTS;

#define L lane[w * JOBS + j]
#define M memory[j]
#ifdef FAULT_DELIVERIES
#define HOPELESS (count[j] > TRIES)
#else
#define HOPELESS (L.failures >= TRIES)
#endif

/* held: a worker that lives has the last delivery of j. */
#define HOLDS(v, j) (lane[v * JOBS + j].pc != IDLE && lane[v * JOBS + j].age == 0)
#if WORKERS == 1
#define HELD(j) HOLDS(0, j)
#else
#define HELD(j) (HOLDS(0, j) || HOLDS(1, j))
#endif

/* What others in the worker w allow. */
#define LIMITS(w, i, n) (!lane[w * JOBS + i].in || lane[w * JOBS + i].suspect == 0 || n <= lane[w * JOBS + i].suspect)
#define SUSPECTS(w, i) ((lane[w * JOBS + i].pc == WAITING || lane[w * JOBS + i].in) && lane[w * JOBS + i].suspect > 0)
#define FITS(w, n) (LIMITS(w, 0, n) && LIMITS(w, 1, n))
#define OPEN(w) (!shut[w] && !SUSPECTS(w, 0) && !SUSPECTS(w, 1))

inline leave() {
	if
	:: L.in -> inside[w]--; L.in = false
	:: else
	fi
}

/* back notes that a function has returned. Who is no suspect leaves before it is
   settled. */
inline back() {
	if
#ifndef FAULT_LEAVE
	:: L.suspect > 0
#endif
	:: else -> leave()
	fi
}

/* clear forgets all that a lane knows, so that equal states are equal. */
inline clear() {
	leave();
	L.pc = IDLE; L.age = 0; L.current = false; L.failures = 0; L.suspect = 0
}

/* die has the worker w lose all that it has. */
inline die() {
	k = 0;
	do
	:: k < JOBS ->
		lane[w * JOBS + k].pc = IDLE; lane[w * JOBS + k].age = 0; lane[w * JOBS + k].current = false;
		lane[w * JOBS + k].failures = 0; lane[w * JOBS + k].suspect = 0; lane[w * JOBS + k].in = false;
		if
		:: memory[k].worker == w -> memory[k].lives = false
		:: else
		fi;
		k++
	:: else -> break
	od;
	k = 0;
	inside[w] = 0; shut[w] = false
}

/* judge brings what is known up to a delivery that begins. */
inline judge() {
	L.current = true; L.failures = M.failures; L.suspect = M.suspect;
	if
	:: M.company == 1 ->
		L.suspect = 1;
		if
		:: !M.lives -> L.failures++
		:: else
		fi
	:: M.company > 1 -> L.suspect = NEXT(M.company)
	:: M.company == 0 && M.since > 1 && M.suspect == 0 -> L.suspect = FIRST
	:: else
	fi
}

/* write stores what is known of job jj, if nobody else has, who is in lane n of
   the worker w. stale reports that. */
inline write(jj, n, ff, cc, ss) {
	if
	:: !lane[n].current || at[jj] == GONE -> stale = true
	:: else ->
		stale = false;
		lane[jj].current = false; lane[LANES - JOBS + jj].current = false; lane[n].current = true;
		memory[jj].since = lane[n].age; memory[jj].failures = ff; memory[jj].company = cc; memory[jj].suspect = ss;
		if
		:: cc > 0 -> memory[jj].worker = w; memory[jj].lives = true
		:: else -> memory[jj].worker = 0; memory[jj].lives = false
		fi
	fi
}

/* deliver notes one more delivery of j. */
inline deliver() {
	at[j] = OUT;
	memory[j].since = (memory[j].since < 2 -> memory[j].since + 1 : 2);
	k = 0;
	do
	:: k < WORKERS ->
		if
		:: lane[k * JOBS + j].pc != IDLE && lane[k * JOBS + j].age < 2 -> lane[k * JOBS + j].age++
		:: else
		fi;
		k++
	:: else -> break
	od;
#ifdef FAULT_DELIVERIES
	count[j]++;
#endif
	k = 0
}

inline nak(jj) {
	if
	:: at[jj] == OUT -> at[jj] = QUEUED
	:: else
	fi
}

/* gone takes j from the queue, and what is known of it. */
inline gone() {
	at[j] = GONE;
	M.since = 0; M.failures = 0; M.company = 0; M.suspect = 0; M.worker = 0; M.lives = false;
	assert(done[j] || letter[j])
}

proctype runs(byte w; byte j) {
	bool stale;
	byte k;
end:
	do
	:: over -> break
	/* The server delivers the job, or it is lost on its way. */
	:: d_step { at[j] == QUEUED && L.pc == IDLE && !shut[w] -> deliver(); L.pc = GOT }
	:: d_step { at[j] == QUEUED && losses > 0 && w == 0 -> losses--; deliver() }

	/* What became of earlier deliveries? */
	:: d_step { L.pc == GOT ->
		judge();
		if
		:: HOPELESS -> L.pc = FAILED
		:: else -> L.pc = WAITING
		fi
	   }

	/* The gate. */
	:: d_step { L.pc == WAITING && L.suspect == 0 && OPEN(w) -> inside[w]++; L.in = true; L.pc = RUNNING }
	:: d_step { L.pc == WAITING && L.suspect > 0 && !shut[w] && inside[w] + 1 <= L.suspect && FITS(w, inside[w] + 1) ->
		inside[w]++; L.in = true; L.pc = MARKING
	   }
	:: d_step { L.pc == MARKING ->
		write(j, w * JOBS + j, L.failures, L.suspect, 0);
		if
		:: stale -> clear()
		:: else -> L.pc = RUNNING
		fi
	   }
	:: d_step { L.pc == WAITING && puts > 0 -> puts--; L.pc = PUTTING }
	:: d_step { L.pc == PUTTING ->
		if
		:: L.suspect == 0 -> write(j, w * JOBS + j, L.failures, 0, 0)
		:: else -> stale = false
		fi;
		if
		:: stale
		:: else -> nak(j)
		fi;
		clear()
	   }

	/* The function. */
	:: d_step { L.pc == RUNNING && j == HEALTHY -> done[j] = true; back(); L.pc = ENDED }
	:: d_step { L.pc == RUNNING && DIES(j) -> back(); L.pc = FAILED }
	:: d_step { L.pc == RUNNING && j == POISON && PANICS -> L.pc = DYING; shut[w] = true }
	:: d_step { L.pc == RUNNING && j == POISON && !PANICS -> die() }

	/* Last words: the neighbours, then itself. */
	:: d_step { L.pc == DYING ->
		k = 0;
		do
		:: k < JOBS ->
			if
			:: k != j && lane[w * JOBS + k].pc != IDLE && lane[w * JOBS + k].pc != GOT && lane[w * JOBS + k].pc != BURIED ->
				if
				:: lane[w * JOBS + k].pc == WAITING -> write(k, w * JOBS + k, lane[w * JOBS + k].failures, 0, lane[w * JOBS + k].suspect)
				:: else -> write(k, w * JOBS + k, lane[w * JOBS + k].failures, 0, 0)
				fi;
				nak(k)
			:: else
			fi;
			k++
		:: else -> break
		od;
		k = 0;
		L.pc = LAST
	   }
	:: d_step { L.pc == LAST ->
		write(j, w * JOBS + j, L.failures + 1, 0, 0);
		if
		:: stale
		:: else -> nak(j)
		fi;
		die()
	   }

	/* It is settled. */
	:: d_step { L.pc == ENDED && at[j] != GONE -> clear(); gone() }
	:: d_step { (L.pc == ENDED || L.pc == FAILED || L.pc == BURIED) && at[j] == GONE -> clear() }
	:: d_step { L.pc == ENDED && L.suspect == 0 && losses > 0 -> losses--; clear() }
	:: d_step { L.pc == FAILED && at[j] != GONE ->
#ifdef FAULT_LETTER
		if
		:: !DIES(j) || !letters -> letter[j] = true
		:: else
		fi;
#else
		letter[j] = true;
#endif
		if
		:: DIES(j) -> letters = true
		:: else
		fi;
		assert(j != HEALTHY);
		L.pc = BURIED
	   }
	:: d_step { L.pc == BURIED && at[j] != GONE -> clear(); gone() }
	:: d_step { L.pc == BURIED && L.suspect == 0 && losses > 0 -> losses--; clear() }
	od
}

/* deaths kills workers, at any step. */
proctype deaths(byte w) {
	byte k;
end:
	do
	:: over -> break
	:: d_step { kills > 0 && inside[w] > 0 -> kills--; die() }
	od
}

/* expires is the server's AckWait: it is over for what nobody holds who lives,
   and, if a worker is cut off, for what one does. */
proctype expires(byte j) {
end:
	do
	:: over -> break
	:: d_step { at[j] == OUT && !HELD(j) -> at[j] = QUEUED }
	:: d_step { at[j] == OUT && HELD(j) && cuts > 0 -> cuts--; at[j] = QUEUED }
	od
}

/* submits has a job stored, maybe twice, since an answer may be lost. */
proctype submits(byte j) {
	byte key;
#ifdef FAULT_ID
	key = 0;
#else
	key = (j == HEALTHY -> 0 : 1);
#endif
	(j != AGAIN || at[ILL] == GONE && told[ILL]);
	d_step {
		if
		:: j == AGAIN -> window[key] = false /* it is over */
		:: else
		fi
	};
	do
	:: d_step { !window[key] -> at[j] = QUEUED; window[key] = true }
		if
		:: d_step { losses > 0 -> losses-- } /* the answer: try again */
		:: break
		fi
	:: d_step { window[key] -> skip }; break
	od;
	told[j] = true;
	assert(at[j] != NONE)
}

init {
	byte w, j;
	atomic {
		do
		:: j < JOBS ->
			run submits(j); run expires(j);
			w = 0;
			do
			:: w < WORKERS -> run runs(w, j); w++
			:: else -> break
			od;
			j++
		:: else -> break
		od;
		w = 0;
		do
		:: w < WORKERS -> run deaths(w); w++
		:: else -> break
		od
	}
	timeout ->
	j = 0;
	do
	:: j < JOBS -> assert(at[j] == GONE); j++
	:: else -> break
	od;
	over = true
}
