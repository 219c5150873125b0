package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"io"
	"runtime"
	"sync"
	"unsafe"
)

// Redactor takes secrets out of plain text that comes in pieces, such as the standard error of a
// server. It judges whole lines, and key blocks of many lines; so the pieces in which the text came
// change nothing. A line over 64 KiB is cut, with a mark.
type Redactor struct {
	mu  sync.Mutex
	ptr *C.portcullis_redactor
}

// NewRedactor makes a redactor with the rules of a policy, at the beginning of a text.
func NewRedactor(policy *Policy) (*Redactor, error) {
	redactor := &Redactor{}
	err := policy.use(func(policy *C.portcullis_policy) error {
		return failed(C.portcullis_redactor_new(C.PORTCULLIS_ABI, policy, &redactor.ptr))
	})
	if err != nil {
		return nil, err
	}
	handles.made()
	runtime.SetFinalizer(redactor, (*Redactor).Close)
	return redactor, nil
}

// Close frees the redactor, and the line that it still holds.
func (r *Redactor) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ptr != nil {
		runtime.SetFinalizer(r, nil)
		C.portcullis_redactor_free(r.ptr)
		r.ptr = nil
		handles.freed()
	}
	return nil
}

// Push takes more of the text, and appends to buffer what may leave: all lines that are complete,
// perhaps none.
func (r *Redactor) Push(buffer, text []byte) ([]byte, error) {
	return r.call(buffer, func(data **C.uint8_t, length *C.size_t) C.uint32_t {
		pushed, pushedLen := octets(text)
		return C.portcullis_redactor_push(r.ptr, pushed, pushedLen, data, length)
	})
}

// Finish ends the text, and appends to buffer what is left of its last line. What is pushed after
// that is another text.
func (r *Redactor) Finish(buffer []byte) ([]byte, error) {
	return r.call(buffer, func(data **C.uint8_t, length *C.size_t) C.uint32_t {
		return C.portcullis_redactor_finish(r.ptr, data, length)
	})
}

func (r *Redactor) call(
	buffer []byte, verb func(**C.uint8_t, *C.size_t) C.uint32_t,
) ([]byte, error) {
	if r == nil {
		return buffer, ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer runtime.KeepAlive(r)
	if r.ptr == nil {
		return buffer, ErrClosed
	}
	var data *C.uint8_t
	var length C.size_t
	if err := failed(verb(&data, &length)); err != nil || length == 0 {
		return buffer, err
	}
	return append(buffer, unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length))...), nil
}

// Writer redacts what is written into it, and writes it to w, which may block. Its Close writes
// what is left of the last line; it closes neither the redactor nor w. One writer at a time, as one
// text.
func (r *Redactor) Writer(w io.Writer) io.WriteCloser {
	return &redactingWriter{redactor: r, to: w}
}

type redactingWriter struct {
	redactor *Redactor
	to       io.Writer
	buffer   []byte
}

func (w *redactingWriter) Write(text []byte) (int, error) {
	clean, err := w.redactor.Push(w.buffer[:0], text)
	if err := w.pass(clean, err); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (w *redactingWriter) Close() error {
	return w.pass(w.redactor.Finish(w.buffer[:0]))
}

func (w *redactingWriter) pass(clean []byte, err error) error {
	w.buffer = clean
	if err != nil || len(clean) == 0 {
		return err
	}
	_, err = w.to.Write(clean)
	return err
}
