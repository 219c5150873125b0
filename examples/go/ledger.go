package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"runtime"
	"sync"
)

// Ledger counts over all sessions of a host, and holds what is left of the rate that they share.
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
	ledger := &Ledger{ptr: ptr}
	handles.made()
	runtime.SetFinalizer(ledger, (*Ledger).Close)
	return ledger, nil
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
