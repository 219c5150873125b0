package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"runtime"
	"sync"
)

// Ledger counts over all sessions of a host, and holds what is left of the limits that they share.
// Engines that share one share its clock too, and take turns while they judge. It has to stay open
// as long as they do.
type Ledger struct {
	mu  sync.Mutex
	ptr *C.portcullis_ledger
}

// LedgerCounts is what a ledger has counted.
type LedgerCounts struct {
	// Frames that were judged.
	Frames uint64
	// Refused are the frames and requests that were refused.
	Refused uint64
	// Changed are the frames that left changed.
	Changed uint64
	// RequestsOpen are the requests that are open, over all sessions.
	RequestsOpen uint64
	// AuthFailures are wrong or missing tokens.
	AuthFailures uint64
}

func (l *LedgerCounts) set(c *C.portcullis_ledger_counts) {
	*l = LedgerCounts{
		Frames:       uint64(c.frames),
		Refused:      uint64(c.refused),
		Changed:      uint64(c.changed),
		RequestsOpen: uint64(c.requests_open),
		AuthFailures: uint64(c.auth_failures),
	}
}

// NewLedger makes a ledger in which nothing has happened.
func NewLedger() (*Ledger, error) {
	var ptr *C.portcullis_ledger
	if err := failed(C.portcullis_ledger_new(C.PORTCULLIS_ABI, &ptr)); err != nil {
		return nil, err
	}
	return ledgerOf(ptr), nil
}

// NewLedgerSized makes a ledger each of whose tables holds so many keys at most: addresses,
// principals, tools. [NewLedger] takes 4,096.
func NewLedgerSized(keysMax uint32) (*Ledger, error) {
	var ptr *C.portcullis_ledger
	if err := failed(C.portcullis_ledger_new_sized(C.PORTCULLIS_ABI, C.uint32_t(keysMax), &ptr)); err != nil {
		return nil, err
	}
	return ledgerOf(ptr), nil
}

func ledgerOf(ptr *C.portcullis_ledger) *Ledger {
	ledger := &Ledger{ptr: ptr}
	handles.made()
	runtime.SetFinalizer(ledger, (*Ledger).Close)
	return ledger
}

// Close frees the ledger.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ptr != nil {
		runtime.SetFinalizer(l, nil)
		C.portcullis_ledger_free(l.ptr)
		l.ptr = nil
		handles.freed()
	}
	return nil
}

// lend locks the ledger for one verb of an engine; no ledger is an engine's own.
func (l *Ledger) lend() (*C.portcullis_ledger, error) {
	if l == nil {
		return nil, nil
	}
	l.mu.Lock()
	if l.ptr == nil {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	return l.ptr, nil
}

// takeBack ends what lend began.
func (l *Ledger) takeBack() {
	if l != nil {
		l.mu.Unlock()
		runtime.KeepAlive(l)
	}
}

// use runs a call with the ledger open.
func (l *Ledger) use(call func(*C.portcullis_ledger) error) error {
	if l == nil {
		return ErrClosed
	}
	ptr, err := l.lend()
	if err != nil {
		return err
	}
	defer l.takeBack()
	return call(ptr)
}

// Counts are the counts so far.
func (l *Ledger) Counts() (LedgerCounts, error) {
	var counts LedgerCounts
	c := C.portcullis_ledger_counts{struct_size: C.sizeof_portcullis_ledger_counts}
	err := l.use(func(ptr *C.portcullis_ledger) error {
		return failed(C.portcullis_ledger_count(ptr, &c))
	})
	if err == nil {
		counts.set(&c)
	}
	return counts, err
}

// Refusals is how often frames and requests were refused for this reason.
func (l *Ledger) Refusals(reason Reason) (uint64, error) {
	var count C.uint64_t
	err := l.use(func(ptr *C.portcullis_ledger) error {
		return failed(C.portcullis_ledger_refusals(ptr, C.uint32_t(reason), &count))
	})
	return uint64(count), err
}

// Ban refuses the messages of a peer, in every session of the ledger, until a moment in monotonic
// milliseconds; [Never]: for good. Its address counts, of IPv6 the first 64 bits, else its user, else
// its session. Not 0: as many others are banned as the ledger has places, until then at least.
func (l *Ledger) Ban(peer *Facts, until uint64, now Time) (uint64, error) {
	var full C.uint64_t
	err := l.about(peer, func(ledger *C.portcullis_ledger, peer *C.portcullis_facts) C.uint32_t {
		return C.portcullis_ledger_ban(ledger, peer, C.uint64_t(until), now.c(), &full)
	})
	return uint64(full), err
}

// LiftBan lifts a ban of the host. False if there was none.
func (l *Ledger) LiftBan(peer *Facts) (bool, error) {
	var lifted C.uint32_t
	err := l.about(peer, func(ledger *C.portcullis_ledger, peer *C.portcullis_facts) C.uint32_t {
		return C.portcullis_ledger_lift_ban(ledger, peer, &lifted)
	})
	return lifted != 0, err
}

// Banned is for how many milliseconds more the host's ban of a peer goes on; 0 if it is not banned.
func (l *Ledger) Banned(peer *Facts, now Time) (uint32, error) {
	var left C.uint32_t
	err := l.about(peer, func(ledger *C.portcullis_ledger, peer *C.portcullis_facts) C.uint32_t {
		return C.portcullis_ledger_banned(ledger, peer, now.c(), &left)
	})
	return uint32(left), err
}

// ForgetSession lets go all that a session holds, by its number: who closes an engine in the middle of
// a session says so, or its open calls stay counted.
func (l *Ledger) ForgetSession(session uint64) error {
	return l.about(&Facts{}, func(ledger *C.portcullis_ledger, _ *C.portcullis_facts) C.uint32_t {
		return C.portcullis_ledger_forget_session(ledger, C.uint64_t(session))
	})
}

// Memory is how many bytes the ledger holds, and the most that it ever holds.
func (l *Ledger) Memory() (bytes, bytesMax uint64, err error) {
	var held, most C.uint64_t
	err = l.about(&Facts{}, func(ledger *C.portcullis_ledger, _ *C.portcullis_facts) C.uint32_t {
		return C.portcullis_ledger_memory(ledger, &held, &most)
	})
	return uint64(held), uint64(most), err
}

// about runs a call about a peer with the ledger locked.
func (l *Ledger) about(peer *Facts, call func(*C.portcullis_ledger, *C.portcullis_facts) C.uint32_t) error {
	ledger, err := l.lend()
	if err != nil {
		return err
	}
	defer l.takeBack()
	if ledger == nil {
		return ErrClosed
	}
	return peer.lend(func(peer *C.portcullis_facts) C.uint32_t { return call(ledger, peer) })
}
