/*
 * What has no counterpart in the code: the garbage collector, and the invariants
 * of the shard.
 */

/* Scratch of d_step blocks. */
hidden byte x, y, z;
hidden byte found;
hidden byte name[END], old_who[END], old_handle[END];

/* collect frees the tables and States that nobody can reach, so that there are
   finitely many, and numbers the others in the order in which it meets them, so
   that states which differ by the numbering only are one. */
inline collect() {
	x = OLD;
	do
	:: x < TABLES ->
		found = false;
		y = 0;
		do
		:: y < OWNERS -> found = found || reading[y] == x + 1; y++
		:: else -> break
		od;
		if
		:: !found -> drop(x)
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
	do
	:: x < END -> name[x] = 0; old_who[x] = who[x]; old_handle[x] = handle[x]; who[x] = 0; handle[x] = 0; x++
	:: else -> break
	od;
	name[TOMBSTONE] = TOMBSTONE;
	z = FIRST;
	y = 0;
	do
	:: y < TABLES * WIDTH -> rename(slot[y]); y++
	:: else -> break
	od;
	rename(free);
	rename(making);
	rename(swept);
	y = 0;
	do
	:: y < OWNERS -> rename(seen[y]); y++
	:: else -> break
	od;
	y = 1;
	do
	:: y <= CALLBACK -> rename(entry[y]); y++
	:: else -> break
	od;
	x = 0; y = 0; z = 0
}

inline rename(v) {
	if
	:: v != 0 && name[v] == 0 ->
		name[v] = z;
		who[z] = old_who[v];
		handle[z] = old_handle[v];
		z++
	:: else
	fi;
	v = name[v]
}

inline drop(t) {
	size[t] = 0;
	y = 0;
	do
	:: y < WIDTH -> slot[(t) * WIDTH + y] = EMPTY; y++
	:: else -> break
	od;
	y = 0
}

inline move(from, to) {
	size[to] = size[from];
	y = 0;
	do
	:: y < WIDTH -> slot[(to) * WIDTH + y] = slot[(from) * WIDTH + y]; y++
	:: else -> break
	od;
	y = 0
}

/* new_state is newState, and what insert does to it before others see it. */
inline new_state() {
	making = FIRST;
	do
	:: making < END && who[making] != 0 -> making++
	:: else -> break
	od;
	assert(making < END)
}

/* consistent holds whenever the lock is free. */
inline consistent() {
	x = 0; y = 0;
	do
	:: x < size[CURRENT] ->
		z = SLOT(CURRENT, x);
		if
		:: z != EMPTY -> y++
		:: else
		fi;
		if
		:: z >= FIRST -> assert(entry[who[z]] == z) /* a removed entry does not come back */
		:: else
		fi;
		x++
	:: else -> break
	od;
	assert(y == taken);
	assert(taken < size[CURRENT]); /* every look-up meets an empty slot */
	/* The next table has the entries of the slots that were copied. */
	x = 0; y = 0;
	do
	:: x < size[FILLING] ->
		z = SLOT(FILLING, x);
		y = y + (z != EMPTY -> 1 : 0);
		found = (z < FIRST);
		if
		:: z >= FIRST ->
			z = 0;
			do
			:: z < copied -> found = found || SLOT(CURRENT, z) == SLOT(FILLING, x); z++
			:: else -> break
			od
		:: else
		fi;
		assert(found);
		x++
	:: else -> break
	od;
	assert(y == ftaken);
	x = 0;
	do
	:: x < copied ->
		z = 0;
		found = (SLOT(CURRENT, x) < FIRST);
		do
		:: z < size[FILLING] -> found = found || SLOT(FILLING, z) == SLOT(CURRENT, x); z++
		:: else -> break
		od;
		assert(found);
		x++
	:: else -> break
	od;
	x = 1;
	do
	:: x <= CALLBACK ->
		if
		:: entry[x] != 0 ->
			/* Its State is its own, and in the table once. */
			assert(who[entry[x]] == x);
			y = 0; z = 0;
			do
			:: z < size[CURRENT] ->
				if
				:: SLOT(CURRENT, z) == entry[x] -> y++
				:: else
				fi;
				z++
			:: else -> break
			od;
			assert(y == 1)
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0; y = 0; z = 0
}
