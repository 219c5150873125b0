package portcullis

/*
#include "bridge.h"
*/
import "C"

import (
	"context"
	"time"
)

// Who waits for an engine waits for one condition, on a channel that is closed when it may hold. A
// condition is looked at only while somebody waits for it, and only under the engine's lock: so no
// wake-up is lost, and nobody is woken who would find nothing.

// signal wakes all that wait for one condition.
type signal struct {
	channel chan struct{}
}

// wait gives the channel to wait on. The lock is held.
func (s *signal) wait() <-chan struct{} {
	if s.channel == nil {
		s.channel = make(chan struct{})
	}
	return s.channel
}

// fire wakes them. The lock is held.
func (s *signal) fire() {
	if s.channel != nil {
		close(s.channel)
		s.channel = nil
	}
}

type waiters struct {
	ready  [receivers]signal // something is ready, or never will be
	room   [sides]signal     // there is room, or never will be
	events signal            // something was judged, so there may be events
}

func (w *waiters) fireAll() {
	for number := range w.ready {
		w.ready[number].fire()
	}
	for number := range w.room {
		w.room[number].fire()
	}
	w.events.fire()
}

// settle wakes those whose condition holds, and sets the timer. The lock is held.
func (e *Engine) settle(did deed) {
	if did == judged {
		e.waiters.events.fire()
	}
	var question C.uint32_t
	for number := range e.waiters.ready {
		if e.waiters.ready[number].channel != nil {
			question |= 1 << number
		}
	}
	for number := range e.waiters.room {
		if e.waiters.room[number].channel != nil {
			question |= 1 << (number + C.PC_ROOM_SHIFT)
		}
	}
	if e.timer.on {
		question |= C.PC_ASKED_DEADLINE
	}
	if question == 0 {
		return
	}
	state := C.pc_poll(e.ptr, question)
	if state.status != C.PORTCULLIS_STATUS_OK {
		e.waiters.fireAll()
		return
	}
	for number := range e.waiters.ready {
		if state.found&(1<<number) != 0 || e.curbed[number] {
			e.waiters.ready[number].fire()
		}
	}
	for number := range e.waiters.room {
		if state.found&(1<<(number+C.PC_ROOM_SHIFT)) != 0 || e.closed[number] {
			e.waiters.room[number].fire()
		}
	}
	if e.timer.on {
		e.timer.set(e, uint64(state.at_ms))
	}
}

// sleep waits for a channel of a signal. The lock is not held.
func sleep(ctx context.Context, channel <-chan struct{}) error {
	select {
	case <-channel:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// timer calls Tick when the deadline has come. It is set forward only: most deadlines move away
// before they come, and a tick too many changes nothing.
type timer struct {
	on    bool
	due   uint64 // when it fires, Never if it is not set
	timer *time.Timer
}

// longestSleep bounds what a duration has to hold; a tick too many changes nothing.
const longestSleep = uint64(time.Hour / time.Millisecond)

func (t *timer) set(e *Engine, at uint64) {
	if at >= t.due {
		return
	}
	t.due = at
	now := e.clock().Monotonic
	left := time.Duration(min(at-min(at, now), longestSleep)) * time.Millisecond
	if t.timer == nil {
		t.timer = time.AfterFunc(left, func() { e.ring() })
		return
	}
	t.timer.Reset(left)
}

func (t *timer) stop() {
	t.on, t.due = false, Never
	if t.timer != nil {
		t.timer.Stop()
	}
}

// ring is what the timer does. An error means that the session is over: those who wait hear of it.
func (e *Engine) ring() {
	e.mu.Lock()
	e.timer.due = Never
	e.mu.Unlock()
	_ = e.Tick(e.clock())
}

// KeepTime has the engine call [Engine.Tick] by itself when the deadline has come, from now on or
// no more.
func (e *Engine) KeepTime(on bool) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	e.timer.stop()
	e.timer.on = on
	return nil
}
