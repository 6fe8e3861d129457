//go:build gc && !gls_safe && !gls_tiny && !race

#include "textflag.h"
#include "go_asm.h"

// STATE jumps to none, or leaves the caller's State in R8. It uses BX, CX, DX,
// SI and DI.
#define STATE(none, probe) \
	\ // The goroutine's ID: DX.
	MOVQ ·goidOffset(SB), CX \
	TESTQ CX, CX \
	JZ   none \
	MOVQ (TLS), DX \
	MOVQ (DX)(CX*1), DX \
	\ // Its hash, DI, and table, BX.
	MOVQ $const_multiplier, DI \
	IMULQ DX, DI \
	MOVQ DI, CX \
	SHRQ $(const_hashBits-const_shardBits), CX \
	SHLQ $const_shardSizeBits, CX \
	LEAQ ·shards(SB), BX \
	MOVQ shard_table(BX)(CX*1), BX \
	\ // The slots, SI, the mask, BX, and the index, not yet masked, DI.
	MOVQ table_shift(BX), CX \
	SHRQ CX, DI \
	MOVQ table_slots(BX), SI \
	MOVQ table_mask(BX), BX \
probe: \
	ANDQ BX, DI \
	MOVQ (SI)(DI*8), R8 \
	TESTQ R8, R8 \
	JZ   none \
	INCQ DI \
	CMPQ (State_Scope+Scope_Who)(R8), DX \
	JNE  probe

// func Own() *State
TEXT ·Own(SB), NOSPLIT, $0-8
	STATE(absent, probe)
	MOVQ R8, ret+0(FP)
	RET
absent:
	MOVQ $0, ret+0(FP)
	RET

// func Find(key binding.Key) *binding.Cell
TEXT ·Find(SB), NOSPLIT, $0-16
	XORL AX, AX                        // AX: the result
	STATE(done, probe)

	// The bindings of its current Scope: the head, the filter, the list.
	MOVL key+0(FP), CX                 // CX: key
	MOVQ State_Current(R8), R8
	MOVQ Scope_Root(R8), AX            // AX: cell
	TESTQ AX, AX
	JZ   done
	CMPL CX, const_cellKey(AX)
	JEQ  done
	MOVL const_cellMark(AX), R8        // R8: mark
	MOVL CX, R9
	ORL  $const_filterShift, R9
	BTL  R9, R8
	JCC  notListed
list:
	MOVQ const_cellNext(AX), AX
	TESTQ AX, AX
	JZ   done
	MOVL const_cellKey(AX), R8
	CMPL R8, CX
	JEQ  done
	CMPL R8, $const_trieKey
	JNE  list
	JMP  trie
notListed:
	TESTL $const_deepMark, R8
	JNZ  base
	XORL AX, AX
done:
	MOVQ AX, ret+8(FP)
	RET

	// The trie.
base:
	MOVQ const_cellBase(AX), AX
trie:
	MOVQ CX, BX                        // BX: key
	MOVQ const_trieShift(AX), CX       // CX: shift
	MOVQ const_trieTop(AX), DX         // DX: node
	XORL AX, AX
	MOVQ BX, SI
	SHRQ CX, SI
	CMPQ SI, $const_digitMask
	JHI  done
digit:
	MOVQ (DX)(SI*8), DX
	TESTQ CX, CX
	JZ   leaf
	TESTQ DX, DX
	JZ   done
	SUBQ $const_digitBits, CX
	MOVQ BX, SI
	SHRQ CX, SI
	ANDQ $const_digitMask, SI
	JMP  digit
leaf:
	MOVQ DX, ret+8(FP)
	RET
