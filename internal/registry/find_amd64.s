//go:build gc && !gls_safe && !gls_tiny && !gls_doctor && !gls_check && !race

#include "textflag.h"
#include "go_asm.h"

// STATE(none, probe, next) jumps to none, or leaves the caller's State in R8. It
// uses BX, CX, DX and DI. NEXT(probe, next) has to follow somewhere: it
// probes on after a collision, out of the way.
#define STATE(none, probe, next) \
	\ // The goroutine's ID: DX.
	MOVQ ·goidOffset(SB), CX \
	MOVQ (TLS), DX \
	MOVQ (DX)(CX*1), DX \
	\ // Its hash, DI, and table, BX.
	MOVQ ·multiplier1(SB), DI \
	IMULQ DX, DI \
	MOVQ DI, CX \
	SHRQ $const_mixShift, CX \
	XORQ CX, DI \
	IMULQ ·multiplier2(SB), DI \
	MOVQ DI, CX \
	SHRQ $(const_hashBits-const_shardBits), CX \
	MOVQ ·visible(SB), BX \
	MOVQ (BX)(CX*8), BX \
	\ // The index, DI, and the slot.
	SHRQ $const_homeShift, DI \
	ANDQ table_mask(BX), DI \
probe: \
	MOVQ table_first(BX)(DI*8), R8 \
	TESTQ R8, R8 \
	JZ   none \
	CMPQ (State_Scope+Scope_owner)(R8), DX \
	JNE  next

#define NEXT(probe, next) \
next: \
	INCQ DI \
	ANDQ table_mask(BX), DI \
	JMP  probe

// func TryLookup() *State
TEXT ·TryLookup(SB), NOSPLIT, $0-8
	STATE(none, probe, next)
	MOVQ R8, ret+0(FP)
	RET
none:
	MOVQ $0, ret+0(FP)
	RET
	NEXT(probe, next)

// func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell
TEXT ·Find(SB), NOSPLIT, $0-24
	MOVQ q+0(FP), R10                  // R10: q
	STATE(none, probe, next)

	// The bindings of its current Scope: the head, the filter, the list.
	MOVL const_queryKey(R10), CX       // CX: key
	MOVQ State_current(R8), R8
	MOVQ Scope_root(R8), AX            // AX: cell
	TESTQ AX, AX
	JZ   none
	CMPL CX, const_cellKey(AX)
	JEQ  found
behind:
	CMPQ const_cellNext(AX), $0
	JNE  filter
none:
	MOVQ const_queryDefault(R10), AX
	TESTQ AX, AX
	JZ   ask
	MOVQ AX, ret+16(FP)
	RET
found:
	MOVQ AX, ret+16(FP)
	RET
ask:
	JMP  ·miss(SB)
filter:
	MOVL const_cellMeta(AX), R8        // R8: meta
	TESTL const_queryBit(R10), R8
	JZ   notListed
	TESTB $const_landmark, R8
	JNZ  index
list:
	MOVQ const_cellNext(AX), AX
	TESTQ AX, AX
	JZ   none
	CMPL CX, const_cellKey(AX)
	JEQ  found
	TESTB $const_landmark, const_cellMeta(AX)
	JZ   list
	CMPL const_cellKey(AX), $const_trieKey
	JEQ  trie
index:
	MOVQ const_querySlot(R10), DX
	MOVQ (AX)(DX*1), DX
	TESTQ DX, DX
	JZ   notListed
	MOVQ DX, AX
	CMPL CX, const_cellKey(AX)
	JNE  behind
	MOVQ AX, ret+16(FP)
	RET
notListed:
	TESTL $const_hasTrieFlag, R8
	JZ   none
	MOVQ const_cellBase(AX), AX

	// The trie: AX is its header, then a node, at last the cell.
trie:
	MOVL CX, BX                        // BX: key
	MOVQ const_trieShift(AX), CX       // CX: shift
	MOVL BX, SI
	SHRL CX, SI
	CMPL SI, $const_digitMask
	JHI  none
	MOVQ const_trieTop(AX)(SI*8), AX
digit:
	SUBL $const_digitBits, CX
	JCS  leaf
	TESTQ AX, AX
	JZ   none
	MOVL BX, SI
	SHRL CX, SI
	ANDL $const_digitMask, SI
	MOVQ (AX)(SI*8), AX
	JMP  digit
leaf:
	TESTQ AX, AX
	JZ   none
	MOVQ AX, ret+16(FP)
	RET
	NEXT(probe, next)
