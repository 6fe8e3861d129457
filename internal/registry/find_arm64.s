//go:build gc && !gls_safe && !gls_tiny && !gls_doctor && !gls_check && !race

#include "textflag.h"
#include "go_asm.h"

// Pointers that other goroutines publish are loaded with LDAR, as package atomic
// does, lest what they point to be seen as it was before.

// STATE(none, probe) jumps to none, or leaves the caller's State in R7. It uses
// R1 to R8.
#define STATE(none, probe) \
	\ // The goroutine's ID: R2.
	MOVD ·goidOffset(SB), R1 \
	MOVD (g)(R1), R2 \
	\ // Its hash, R3, and table, R5.
	MOVD ·multiplier1(SB), R3 \
	MUL  R2, R3, R3 \
	MOVD ·multiplier2(SB), R4 \
	EOR  R3>>const_mixShift, R3, R3 \
	MUL  R4, R3, R3 \
	LSR  $(const_hashBits-const_shardBits), R3, R4 \
	MOVD ·visible(SB), R5 \
	ADD  R4<<3, R5, R5 \
	LDAR (R5), R5 \
	\ // The slots, R6, the mask, R1, and the index, R3.
	ADD  $table_first, R5, R6 \
	MOVD table_mask(R5), R1 \
	LSR  $const_homeShift, R3, R3 \
probe: \
	AND  R1, R3, R3 \
	ADD  R3<<3, R6, R7 \
	LDAR (R7), R7 \
	CBZ  R7, none \
	ADD  $1, R3, R3 \
	MOVD (State_Scope+Scope_owner)(R7), R8 \
	CMP  R8, R2 \
	BNE  probe

// func TryLookup() *State
TEXT ·TryLookup(SB), NOSPLIT, $0-8
	STATE(none, probe)
	MOVD R7, ret+0(FP)
	RET
none:
	MOVD ZR, ret+0(FP)
	RET

// func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell
TEXT ·Find(SB), NOSPLIT, $0-24
	MOVD q+0(FP), R10                  // R10: q
	STATE(none, probe)

	// The bindings of its current Scope: the head, the filter, the list.
	MOVWU const_queryKey(R10), R1      // R1: key
	ADD  $State_current, R7, R7
	LDAR (R7), R7
	ADD  $Scope_root, R7, R7
	LDAR (R7), R0                      // R0: cell
	CBZ  R0, none
	MOVWU const_cellKey(R0), R8
	CMPW R8, R1
	BEQ  found
	MOVWU const_queryBit(R10), R9      // R9: the key's bit
filter:
	MOVWU const_cellMeta(R0), R8       // R8: meta
	TSTW R9, R8
	BEQ  notListed
	TBNZ $const_landmarkBit, R8, index
list:
	MOVD const_cellNext(R0), R0
	CBZ  R0, none
	MOVWU const_cellKey(R0), R6
	CMPW R6, R1
	BEQ  found
	MOVWU const_cellMeta(R0), R8
	TBZ  $const_landmarkBit, R8, list
	MOVW $const_trieKey, R5
	CMPW R6, R5
	BEQ  trie
index:
	MOVD const_querySlot(R10), R6
	MOVD (R0)(R6), R6
	CBZ  R6, notListed
	MOVD R6, R0
	MOVWU const_cellKey(R0), R6
	CMPW R6, R1
	BNE  filter
	B    found
notListed:
	TSTW $const_hasTrieFlag, R8
	BEQ  none

	// The trie.
	MOVD const_cellBase(R0), R0
trie:
	MOVD const_trieShift(R0), R3       // R3: shift
	ADD  $const_trieTop, R0, R0        // R0: node
	LSR  R3, R1, R5
	CMP  $const_digitMask, R5
	BHI  none
digit:
	MOVD (R0)(R5<<3), R0
	CBZ  R0, none
	CBZ  R3, found
	SUB  $const_digitBits, R3, R3
	LSR  R3, R1, R5
	AND  $const_digitMask, R5, R5
	B    digit
none:
	MOVD const_queryDefault(R10), R0
	CBZ  R0, ask
found:
	MOVD R0, ret+16(FP)
	RET
ask:
	B    ·miss(SB)
