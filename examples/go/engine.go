package portcullis

/*
#include "bridge.h"
*/
import "C"

import (
	"io"
	"runtime"
	"sync"
	"unsafe"
)

// Engine guards one session: one client, one server. Its verbs never block but for its lock, and
// may be called in any order, by several goroutines.
//
// Memory on loan is seen only within the callbacks of [Engine.Fill], [Engine.Send] and
// [Engine.SetSink]; they run under the lock, so they must not call the engine.
type Engine struct {
	mu     sync.Mutex
	ptr    *C.portcullis_engine
	ledger *Ledger
	clock  func() Time

	sinks    [receivers]io.Writer
	sinkMask C.uint32_t

	closed [sides]bool     // that side's input was closed by the host
	curbed [receivers]bool // that output ends when it is empty

	waiters waiters
	timer   timer
	// For the library to fill in; here, so that no call allocates.
	event C.portcullis_event
	found C.uint32_t
}

const (
	sides     = 2
	receivers = 3
)

// Options are what an engine may be told when it is made. The zero value will do.
type Options struct {
	// Limits are the engine's limits; nil for the defaults.
	Limits *Limits
	// Wanted are the events that are to be made. Those that are wanted have to be collected.
	Wanted Wanted
	// Ledger counts over several sessions; nil for one of the engine's own.
	Ledger *Ledger
	// Clock is what the adapters, the sinks and [Session] take the time from; nil for [SystemTime].
	Clock func() Time
}

// NewEngine makes an engine for one session. A limit out of its range is a [*ConfigError].
func NewEngine(policy *Policy, options *Options) (*Engine, error) {
	if options == nil {
		options = &Options{}
	}
	clock := options.Clock
	if clock == nil {
		clock = SystemTime
	}
	var limits *C.portcullis_limits
	if options.Limits != nil {
		given := options.Limits.c()
		limits = &given
	}
	engine := &Engine{ledger: options.Ledger, clock: clock}
	engine.event.struct_size = C.sizeof_portcullis_event
	engine.timer.due = Never
	err := policy.use(func(policy *C.portcullis_policy) error {
		var message [messageBytes]C.char
		return explained(C.portcullis_engine_new(C.PORTCULLIS_ABI, policy, limits,
			C.uint32_t(options.Wanted), clock().c(), &message[0], messageBytes, &engine.ptr), &message)
	})
	if err != nil {
		return nil, err
	}
	handles.made()
	runtime.SetFinalizer(engine, (*Engine).Close)
	return engine, nil
}

// Close frees the engine. Who waits for it gets [ErrClosed].
func (e *Engine) Close() error {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ptr != nil {
		runtime.SetFinalizer(e, nil)
		C.portcullis_engine_free(e.ptr)
		e.ptr = nil
		e.timer.stop()
		e.waiters.fireAll()
		handles.freed()
	}
	return nil
}

// Recv hands over bytes that came from a side, and judges what they complete. It gives how many
// were taken: hand over the rest when the engine has moved on. [Engine.Input] waits for that.
func (e *Engine) Recv(from Side, bytes []byte, now Time) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(judged)
	return e.recv(from, bytes, now)
}

func (e *Engine) recv(from Side, bytes []byte, now Time) (int, error) {
	taken := 0
	for taken < len(bytes) {
		ledger, err := e.ledger.lend()
		if err != nil {
			return taken, err
		}
		data, length := octets(bytes[taken:])
		step := C.pc_recv(e.ptr, ledger, C.uint32_t(from), data, length, now.c(), e.sinkMask)
		e.ledger.takeBack()
		taken += int(step.taken)
		moved := step.taken > 0 || step.len > 0
		if err := e.sink(step); err != nil {
			return taken, err
		}
		if !moved {
			break
		}
	}
	return taken, nil
}

// Fill lends memory for bytes of a side. The callback fills in as many as it has and gives their
// number; it must neither wait nor keep the memory. It is not called while that side must not be
// read. More than was lent is [ErrNotLent].
func (e *Engine) Fill(from Side, now Time, callback func(space []byte) int) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(judged)
	step := C.pc_space(e.ptr, C.uint32_t(from))
	if err := failed(step.status); err != nil || step.len == 0 {
		return 0, err
	}
	count := callback(unsafe.Slice((*byte)(unsafe.Pointer(step.data)), int(step.len)))
	if count < 0 {
		return 0, ErrNotLent
	}
	err := e.judge(func(ledger *C.portcullis_ledger) C.uint32_t {
		return C.portcullis_engine_recv_commit(e.ptr, ledger, C.uint32_t(from), C.size_t(count), now.c())
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

// RecvRoom is how many bytes of a side may be taken now; 0 while it must not be read.
func (e *Engine) RecvRoom(from Side) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(asked)
	step := C.pc_space(e.ptr, C.uint32_t(from))
	return int(step.len), failed(step.status)
}

// RecvClose says that a side will send no more. A last line without newline is judged; the other
// side gets what is under way, and answers to what it asked this one.
func (e *Engine) RecvClose(from Side, now Time) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	return e.recvClose(from, now)
}

func (e *Engine) recvClose(from Side, now Time) error {
	err := e.judge(func(ledger *C.portcullis_ledger) C.uint32_t {
		return C.portcullis_engine_recv_close(e.ptr, ledger, C.uint32_t(from), now.c())
	})
	if err == nil {
		e.closed[from] = true
	}
	return err
}

// SendReady is how many bytes can be written to a receiver at once; there may be more behind them.
func (e *Engine) SendReady(to Receiver) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(asked)
	step, err := e.look(to)
	return int(step.len), err
}

// Send lends the bytes that are to be written to a receiver. The callback gives how many it took;
// it must not keep them. It is not called while there are none. More than was lent is [ErrNotLent].
// What was taken counts as written, also if the callback gives an error, which Send gives back.
func (e *Engine) Send(to Receiver, callback func(ready []byte) (int, error)) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(judged)
	step, err := e.look(to)
	if err != nil || step.len == 0 {
		return 0, err
	}
	count, said := callback(view(step))
	if count < 0 {
		return 0, ErrNotLent
	}
	if _, err := e.sent(to, count, 0); err != nil {
		return 0, err
	}
	return count, said
}

// SendCopy takes bytes that are to be written to a receiver: as many as there are, at most
// len(buffer). They count as written.
func (e *Engine) SendCopy(to Receiver, buffer []byte) (int, error) {
	if err := e.enter(); err != nil {
		return 0, err
	}
	defer e.leave(judged)
	return e.sendCopy(to, buffer)
}

func (e *Engine) sendCopy(to Receiver, buffer []byte) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	total := 0
	step, err := e.look(to)
	for err == nil && step.len > 0 && total < len(buffer) {
		count := copy(buffer[total:], view(step))
		total += count
		step, err = e.sent(to, count, 1<<to)
	}
	return total, err
}

// SetSink has what is ready for a receiver written to w, by whichever call made it ready, before
// that call returns: no copy, no goroutine. w must take everything or fail, must not keep the
// bytes, and must not call the engine. It is for writers that hold nobody up, such as a file, a
// buffer or a hash; where a peer may be slow, read from [Engine.Output] instead. The call during
// which w failed gives a [*SinkError], and the sink is taken off. A nil w takes it off, too.
func (e *Engine) SetSink(to Receiver, w io.Writer) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	if to >= receivers {
		return ErrBadNumber
	}
	e.sinks[to] = w
	e.sinkMask &^= 1 << to
	if w != nil {
		e.sinkMask |= 1 << to
	}
	return e.drain()
}

// NextEvent takes the oldest event that waits. False if none does; then event is left as it was.
func (e *Engine) NextEvent(event *Event) (bool, error) {
	if err := e.enter(); err != nil {
		return false, err
	}
	defer e.leave(collected)
	return e.nextEvent(event)
}

func (e *Engine) nextEvent(event *Event) (bool, error) {
	err := failed(C.portcullis_engine_next_event(e.ptr, &e.event, &e.found))
	if err != nil || e.found == 0 {
		return false, err
	}
	event.set(&e.event)
	return true, nil
}

// Deadline is when to call [Engine.Tick] at the latest, in monotonic milliseconds, and what for;
// [Never] and [WakeNone] if nothing is due.
func (e *Engine) Deadline() (uint64, Wake, error) {
	if err := e.enter(); err != nil {
		return Never, WakeNone, err
	}
	defer e.leave(asked)
	var at C.uint64_t
	var wake C.uint32_t
	if err := failed(C.portcullis_engine_deadline(e.ptr, &at, &wake)); err != nil {
		return Never, WakeNone, err
	}
	return uint64(at), Wake(wake), nil
}

// Tick says what time it is: ends what has run out of time, gives memory back, goes on with what
// waited. Afterwards the deadline is later than now, or there is none.
func (e *Engine) Tick(now Time) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	return e.judge(func(ledger *C.portcullis_ledger) C.uint32_t {
		return C.portcullis_engine_tick(e.ptr, ledger, now.c())
	})
}

// Finished says whether the session is over and all that was owed has left. Events may still wait.
func (e *Engine) Finished() (bool, error) {
	if err := e.enter(); err != nil {
		return false, err
	}
	defer e.leave(asked)
	var finished C.uint32_t
	err := failed(C.portcullis_engine_is_finished(e.ptr, &finished))
	return finished != 0, err
}

// Facts tells who a peer is, for the events: the host's number for the session (that of the
// client's facts counts) and the peer's name (that of the server is shown), UTF-8, cut to 62 bytes.
func (e *Engine) Facts(side Side, session uint64, name string) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	text, length := chars([]byte(name))
	return failed(C.portcullis_engine_facts(e.ptr, C.uint32_t(side), C.uint64_t(session),
		text, length))
}

// SwapPolicy has another policy decide from the next frame on. What was judged leaves as it was
// judged.
func (e *Engine) SwapPolicy(policy *Policy) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	return policy.use(func(policy *C.portcullis_policy) error {
		return failed(C.portcullis_engine_swap_policy(e.ptr, policy))
	})
}

// BeginDrain begins the end of the session: new requests are refused, open ones may be answered
// until a moment in monotonic milliseconds, then they are refused as well.
func (e *Engine) BeginDrain(now Time, until uint64) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	return failed(C.portcullis_engine_begin_drain(e.ptr, now.c(), C.uint64_t(until)))
}

// Question is what a ticket asks that an event brought; its kind is [QuestionNone] if the ticket is
// not open (any more). One call may ask several questions, each with a ticket of its own.
func (e *Engine) Question(ticket uint64) (Question, error) {
	var question Question
	if err := e.enter(); err != nil {
		return question, err
	}
	defer e.leave(asked)
	c := C.portcullis_question{struct_size: C.sizeof_portcullis_question}
	err := failed(C.portcullis_engine_question(e.ptr, C.uint64_t(ticket), &c))
	if err == nil {
		question.set(&c)
	}
	return question, err
}

// Resolve answers a ticket with what its question asks for: a path, or addresses with spaces between
// them. The rule that asked judges it; what is no answer to the question refuses the call. False if
// the ticket is not open (any more).
func (e *Engine) Resolve(ticket uint64, text string, now Time) (bool, error) {
	if err := e.enter(); err != nil {
		return false, err
	}
	defer e.leave(judged)
	var known C.uint32_t
	data, length := chars([]byte(text))
	err := e.judge(func(ledger *C.portcullis_ledger) C.uint32_t {
		return C.portcullis_engine_resolve(e.ptr, ledger, C.uint64_t(ticket), data, length,
			now.c(), &known)
	})
	return known != 0, err
}

// Answer approves or denies what a ticket asks. False if the ticket is not open (any more).
func (e *Engine) Answer(ticket uint64, answer Answer, now Time) (bool, error) {
	if err := e.enter(); err != nil {
		return false, err
	}
	defer e.leave(judged)
	var known C.uint32_t
	err := e.judge(func(ledger *C.portcullis_ledger) C.uint32_t {
		return C.portcullis_engine_answer(e.ptr, ledger, C.uint64_t(ticket), C.uint32_t(answer),
			now.c(), &known)
	})
	return known != 0, err
}

// Stalled is why nothing moves from a side; [StallNone] if it does.
func (e *Engine) Stalled(from Side) (Stall, error) {
	if err := e.enter(); err != nil {
		return StallNone, err
	}
	defer e.leave(asked)
	var stall C.uint32_t
	err := failed(C.portcullis_engine_stalled(e.ptr, C.uint32_t(from), &stall))
	return Stall(stall), err
}

// Metrics are the counts so far.
func (e *Engine) Metrics() (Metrics, error) {
	var metrics Metrics
	if err := e.enter(); err != nil {
		return metrics, err
	}
	defer e.leave(asked)
	c := C.portcullis_metrics{struct_size: C.sizeof_portcullis_metrics}
	err := failed(C.portcullis_engine_metrics(e.ptr, &c))
	if err == nil {
		metrics.set(&c)
	}
	return metrics, err
}

// Notice writes the line that a host may send to a client for which it makes no engine, newline
// included: an error with this reason that answers no request in particular.
func Notice(reason Reason) ([]byte, error) {
	var line [noticeBytes]byte
	var length C.size_t
	text, capacity := chars(line[:])
	if err := failed(C.portcullis_notice(C.uint32_t(reason), text, capacity, &length)); err != nil {
		return nil, err
	}
	return line[:length], nil
}

// noticeBytes is the most that portcullis_notice writes.
const noticeBytes = 512

// What every verb does: enter, one call or a few, leave.

// enter locks an engine that is open.
func (e *Engine) enter() error {
	if e == nil {
		return ErrClosed
	}
	e.mu.Lock()
	if e.ptr == nil {
		e.mu.Unlock()
		return ErrClosed
	}
	return nil
}

// What a verb did, for those who wait.
type deed int

const (
	asked     deed = iota // nothing changed
	collected             // events were taken
	judged                // anything may have changed
)

// leave tells those who wait what changed, and unlocks.
func (e *Engine) leave(did deed) {
	if did != asked {
		e.settle(did)
	}
	e.mu.Unlock()
	runtime.KeepAlive(e)
}

// judge runs a verb that needs the ledger, and hands the sinks what it made ready.
func (e *Engine) judge(verb func(*C.portcullis_ledger) C.uint32_t) error {
	ledger, err := e.ledger.lend()
	if err != nil {
		return err
	}
	status := verb(ledger)
	e.ledger.takeBack()
	if err := failed(status); err != nil {
		return err
	}
	return e.drain()
}

// drain hands the sinks what is ready for them.
func (e *Engine) drain() error {
	if e.sinkMask == 0 {
		return nil
	}
	return e.sink(C.pc_ready(e.ptr, e.sinkMask))
}

// sink writes loan after loan, until there is none.
func (e *Engine) sink(step C.pc_step) error {
	for step.status == C.PORTCULLIS_STATUS_OK && step.len > 0 {
		to := Receiver(step.to)
		count, said := e.sinks[to].Write(view(step))
		if said == nil && count != int(step.len) {
			said = io.ErrShortWrite
		}
		if said != nil {
			e.sinks[to], e.sinkMask = nil, e.sinkMask&^(1<<to)
		}
		var err error
		if step, err = e.sent(to, max(count, 0), e.sinkMask); err != nil {
			return err
		}
		if said != nil {
			return &SinkError{To: to, Err: said}
		}
	}
	return failed(step.status)
}

// look lends what is ready for a receiver.
func (e *Engine) look(to Receiver) (C.pc_step, error) {
	if to >= receivers {
		return C.pc_step{}, ErrBadNumber
	}
	step := C.pc_ready(e.ptr, 1<<to)
	return step, failed(step.status)
}

// sent says that bytes on loan were written, and lends the next for those in mask.
func (e *Engine) sent(to Receiver, count int, mask C.uint32_t) (C.pc_step, error) {
	ledger, err := e.ledger.lend()
	if err != nil {
		return C.pc_step{}, err
	}
	step := C.pc_sent(e.ptr, ledger, C.uint32_t(to), C.size_t(count), mask)
	e.ledger.takeBack()
	return step, failed(step.status)
}

// view shows a loan; it ends with the next call that may change the engine.
func view(step C.pc_step) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(step.data)), int(step.len))
}
