package portcullis

/*
#include "bridge.h"
*/
import "C"

import (
	"context"
	"io"
)

// Output gives what is to be written to a receiver. Read blocks until there is something, and gives
// io.EOF when there never will be: for the server when its client has closed and all that it sent
// has left, for the others when the session is over. What was read counts as written.
type Output struct {
	engine *Engine
	to     Receiver
}

// Output is the way out for a receiver's bytes. Each byte is read once, whoever reads it.
func (e *Engine) Output(to Receiver) *Output { return &Output{engine: e, to: to} }

// Read waits for bytes; see [Output.ReadContext].
func (out *Output) Read(buffer []byte) (int, error) {
	return out.ReadContext(context.Background(), buffer)
}

// ReadContext waits until there are bytes or the context ends, whose cause it then gives.
func (out *Output) ReadContext(ctx context.Context, buffer []byte) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	for {
		count, channel, err := out.take(buffer)
		if count > 0 || err != nil {
			return count, err
		}
		if err := sleep(ctx, channel); err != nil {
			return 0, err
		}
	}
}

// take gives what is ready now. If nothing is, there is a channel to wait on.
func (out *Output) take(buffer []byte) (int, <-chan struct{}, error) {
	e := out.engine
	if err := e.enter(); err != nil {
		return 0, nil, err
	}
	defer e.leave(judged)
	count, err := e.sendCopy(out.to, buffer)
	if count > 0 || err != nil {
		return count, nil, err
	}
	var over C.uint32_t
	if err := failed(C.pc_send_over(e.ptr, C.uint32_t(out.to), &over)); err != nil {
		return 0, nil, err
	}
	if over != 0 || e.curbed[out.to] {
		return 0, nil, io.EOF
	}
	return 0, e.waiters.ready[out.to].wait(), nil
}

// EndWhenEmpty makes io.EOF of the next moment in which nothing is ready, for a host that will not
// wait for the receiver's peer: a server's input may be closed as soon as a drain has begun.
func (out *Output) EndWhenEmpty() error {
	e := out.engine
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	if out.to >= receivers {
		return ErrBadNumber
	}
	e.curbed[out.to] = true
	return nil
}

// WriteTo copies to a writer until there is nothing more, and gives no error for that. [io.Copy]
// uses it. The writer may block: it holds up its own lane, and nobody else.
func (out *Output) WriteTo(w io.Writer) (int64, error) {
	return out.WriteToContext(context.Background(), w)
}

// WriteToContext is WriteTo with a context for its waits, between two writes.
func (out *Output) WriteToContext(ctx context.Context, w io.Writer) (int64, error) {
	buffer := make([]byte, pieceBytes)
	var total int64
	for {
		count, err := out.ReadContext(ctx, buffer)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		written, err := w.Write(buffer[:count])
		total += int64(max(written, 0))
		if err != nil {
			return total, err
		}
		if written != count {
			return total, io.ErrShortWrite
		}
	}
}
