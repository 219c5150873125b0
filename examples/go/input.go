package portcullis

/*
#include "bridge.h"
*/
import "C"

import (
	"context"
	"io"
)

// Input takes what was read from a side. Write blocks until the engine has taken everything: so a
// side that its reader holds back stops its writer, and nothing piles up.
type Input struct {
	engine *Engine
	from   Side
}

// Input is the way in for a side's bytes. Any number may exist; what is written through them mixes
// as their calls do.
func (e *Engine) Input(from Side) *Input { return &Input{engine: e, from: from} }

// Write hands over bytes, and waits until all are taken; see [Input.WriteContext].
func (in *Input) Write(bytes []byte) (int, error) {
	return in.WriteContext(context.Background(), bytes)
}

// WriteContext hands over bytes, and waits until all are taken or the context ends; then it gives
// how many were taken, and the context's cause. [ErrFinished] if the session will take no more from
// this side, [io.ErrClosedPipe] after Close.
func (in *Input) WriteContext(ctx context.Context, bytes []byte) (int, error) {
	total := 0
	for {
		count, channel, err := in.offer(bytes[total:])
		total += count
		if err != nil || channel == nil {
			return total, err
		}
		if err := sleep(ctx, channel); err != nil {
			return total, err
		}
	}
}

// offer hands over what the engine takes now. If it is not all, there is a channel to wait on.
func (in *Input) offer(bytes []byte) (int, <-chan struct{}, error) {
	e := in.engine
	if err := e.enter(); err != nil {
		return 0, nil, err
	}
	defer e.leave(judged)
	if in.from >= sides {
		return 0, nil, ErrBadNumber
	}
	if e.closed[in.from] {
		return 0, nil, io.ErrClosedPipe
	}
	count, err := e.recv(in.from, bytes, e.clock())
	if err != nil || count == len(bytes) {
		return count, nil, err
	}
	var over C.uint32_t
	if err := failed(C.pc_recv_over(e.ptr, C.uint32_t(in.from), &over)); err != nil {
		return count, nil, err
	}
	if over != 0 {
		return count, nil, ErrFinished
	}
	return count, e.waiters.room[in.from].wait(), nil
}

// ReadFrom copies from a reader until its end, and gives no error for that; it does not close the
// input. [io.Copy] uses it. No loan is held while the reader blocks.
func (in *Input) ReadFrom(r io.Reader) (int64, error) {
	return in.ReadFromContext(context.Background(), r)
}

// ReadFromContext is ReadFrom with a context for its waits, between two reads.
func (in *Input) ReadFromContext(ctx context.Context, r io.Reader) (int64, error) {
	buffer := make([]byte, pieceBytes)
	var total int64
	for {
		count, said := r.Read(buffer)
		taken, err := in.WriteContext(ctx, buffer[:count])
		total += int64(taken)
		switch {
		case err != nil:
			return total, err
		case said == io.EOF:
			return total, nil
		case said != nil:
			return total, said
		}
	}
}

// Close says that the side will send no more.
func (in *Input) Close() error {
	e := in.engine
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	if in.from >= sides {
		return ErrBadNumber
	}
	if e.closed[in.from] {
		return nil
	}
	return e.recvClose(in.from, e.clock())
}

// pieceBytes is what one read takes: what a pipe of Linux holds.
const pieceBytes = 64 << 10
