package portcullis

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Peer is one end of a session, as the host sees it.
type Peer struct {
	// From gives what the peer writes.
	From io.Reader
	// To takes what the peer reads. If it is an io.Closer, it is closed when nothing more will come.
	To io.Writer
}

// Session moves bytes between two peers through an engine until all that was owed has left. It
// reads a peer exactly while the engine takes what it reads, so a peer that does not read stops the
// other, and nothing piles up: what it holds besides the engine is one piece of 64 KiB each way.
//
// Set the fields, then call Run, once.
type Session struct {
	// Engine is the guard. Run does not close it.
	Engine *Engine
	// Client and Server are the peers. A writer that fails counts as a peer that reads no more: the
	// session goes on without it, as long as the other has something to say.
	Client, Server Peer
	// Noise takes lines of the server that are no messages; nil drops them.
	Noise io.Writer
	// Event is called for each event, in order, by one goroutine; it may call the engine. With nil,
	// the engine must want none, or drop.
	Event func(Event)
	// Left is called once for each side that is seen to be gone: its reader has ended, or its writer
	// failed. It is called by the goroutine that sees it.
	Left func(Side)

	left     [sides]sync.Once
	draining atomic.Bool
}

// Run moves bytes until the session is over and what was owed has been written, or the context
// ends. It gives the context's cause then, or what the engine said; never what a peer's reader or
// writer said. A Read or a Write that is under way when it returns is not waited for: close the
// peer.
func (s *Session) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := s.Engine.KeepTime(true); err != nil {
		return err
	}
	defer func() { _ = s.Engine.KeepTime(false) }()

	fail := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	go func() { fail(s.read(ctx, Client, s.Client.From)) }()
	go func() { fail(s.read(ctx, Server, s.Server.From)) }()
	go func() { fail(s.write(ctx, ToServer, s.Server.To)) }()

	var owed sync.WaitGroup
	owed.Add(2)
	go func() { defer owed.Done(); fail(s.write(ctx, ToClient, s.Client.To)) }()
	go func() { defer owed.Done(); fail(s.write(ctx, ToNoise, s.Noise)) }()

	told := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(told)
		if s.Event != nil {
			fail(s.tell(ctx, finished))
		}
	}()
	delivered := make(chan struct{})
	go func() { owed.Wait(); close(delivered) }()

	select {
	case <-delivered:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	close(finished)
	<-told
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	default:
		return nil
	}
}

// Drain begins the end of the session: the client is read no further, what is open may be answered
// for so long, and the server's input is closed as soon as it has what is ready for it.
func (s *Session) Drain(grace time.Duration) error {
	s.draining.Store(true)
	now := s.Engine.clock()
	return errors.Join(
		s.Engine.BeginDrain(now, now.Plus(grace)),
		s.Engine.Tick(now),
		s.Engine.Output(ToServer).EndWhenEmpty(),
	)
}

// read brings a side's bytes to the engine until their end.
func (s *Session) read(ctx context.Context, from Side, r io.Reader) error {
	input := s.Engine.Input(from)
	buffer := make([]byte, pieceBytes)
	for {
		count, said := r.Read(buffer)
		if from == Client && s.draining.Load() {
			return nil
		}
		if count > 0 {
			_, err := input.WriteContext(ctx, buffer[:count])
			if errors.Is(err, ErrFinished) || errors.Is(err, io.ErrClosedPipe) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if said != nil {
			return s.leave(from)
		}
	}
}

// write brings bytes to a receiver until there are no more. Who fails gets no more, and holds
// nothing up.
func (s *Session) write(ctx context.Context, to Receiver, w io.Writer) error {
	if w == nil {
		w = io.Discard
	}
	output := s.Engine.Output(to)
	buffer := make([]byte, pieceBytes)
	for {
		count, err := output.ReadContext(ctx, buffer)
		if err == io.EOF {
			if closer, ok := w.(io.Closer); ok {
				_ = closer.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(buffer[:count]); err != nil {
			w = io.Discard
			switch to {
			case ToClient:
				err = s.leave(Client)
			case ToServer:
				s.tellLeft(Server)
				err = nil
			default:
				err = nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// leave says that a side will send no more.
func (s *Session) leave(side Side) error {
	err := s.Engine.Input(side).Close()
	s.tellLeft(side)
	return err
}

func (s *Session) tellLeft(side Side) {
	s.left[side].Do(func() {
		if s.Left != nil {
			s.Left(side)
		}
	})
}

// tell calls Event for each event until the session is over, and then for those that wait.
func (s *Session) tell(ctx context.Context, finished <-chan struct{}) error {
	var event Event
	for {
		channel, err := s.Engine.collect(&event, s.Event)
		if err != nil {
			return err
		}
		select {
		case <-channel:
		case <-finished:
			_, err := s.Engine.collect(&event, s.Event)
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// collect hands over the events that wait, and has the engine go on with what waited for that. The
// channel tells when there may be more.
func (e *Engine) collect(event *Event, tell func(Event)) (<-chan struct{}, error) {
	for {
		found, channel, err := e.nextEventOrWait(event)
		if err != nil || !found {
			return channel, err
		}
		for found {
			tell(*event)
			if found, err = e.NextEvent(event); err != nil {
				return nil, err
			}
		}
		if err := e.Tick(e.clock()); err != nil {
			return nil, err
		}
	}
}

func (e *Engine) nextEventOrWait(event *Event) (bool, <-chan struct{}, error) {
	if err := e.enter(); err != nil {
		return false, nil, err
	}
	defer e.leave(collected)
	found, err := e.nextEvent(event)
	if err != nil || found {
		return found, nil, err
	}
	return false, e.waiters.events.wait(), nil
}

// WaitEvent waits for an event, or until the context ends, whose cause it then gives. Who collects
// also calls [Engine.Tick], for what waits for that.
func (e *Engine) WaitEvent(ctx context.Context, event *Event) error {
	for {
		found, channel, err := e.nextEventOrWait(event)
		if err != nil || found {
			return err
		}
		if err := sleep(ctx, channel); err != nil {
			return err
		}
	}
}
