package contender_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed18162548/contextvars/bench/internal/contender"
	"github.com/seed18162548/contextvars/bench/internal/contender/contendertest"
)

func TestOwnContendersDoWhatTheySay(t *testing.T) {
	for _, c := range contender.Own() {
		t.Run(c.Name, func(t *testing.T) {
			switch c.Name {
			case "goid", "slowid", "parameter":
				c.Get(1)(func(loop contender.Loop) { assert.Positive(t, contendertest.Gain(loop, 10)) })
			default:
				contendertest.Check(t, c)
			}
		})
	}
}

func TestCrewLoopsOnEveryMember(t *testing.T) {
	var operations atomic.Int64
	crew := contender.NewCrew(3, func(run func(contender.Loop)) {
		run(func(n int) { operations.Add(int64(n)) })
	})
	for i := 0; i < 10; i++ {
		assert.Positive(t, crew.Time(5))
	}
	crew.Dismiss()
	assert.EqualValues(t, 3*10*5, operations.Load())
}

func TestCrowdGrowsAndLeaves(t *testing.T) {
	var inside atomic.Int64
	crowd := contender.NewCrowd(func(park func()) {
		inside.Add(1)
		park()
		inside.Add(-1)
	})
	for _, n := range []int{0, 10, 10, 200} {
		crowd.Grow(n)
		assert.EqualValues(t, n, inside.Load())
	}
	crowd.Leave()
	assert.Zero(t, inside.Load())
	crowd.Grow(3)
	assert.EqualValues(t, 3, inside.Load())
	crowd.Leave()
}
