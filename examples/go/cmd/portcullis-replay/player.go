package main

import (
	"errors"
	"fmt"

	portcullis "portcullis.dev/go"
	"portcullis.dev/go/transcript"
)

// player plays records to an engine. After each it takes everything that leaves, in one fixed
// order.
type player struct {
	engine *portcullis.Engine
	out    *output
	line   []byte
}

func (p *player) introduce() error {
	for _, side := range []portcullis.Side{portcullis.Client, portcullis.Server} {
		if err := p.engine.Facts(side, 7, "replay"); err != nil {
			return err
		}
	}
	_, err := p.drain(at(0))
	return err
}

func (p *player) play(record *transcript.Record) error {
	now := at(record.Time)
	var err error
	switch record.Verb {
	case transcript.Recv:
		return p.recv(record.From, record.Bytes, now)
	case transcript.Close:
		err = p.engine.RecvClose(record.From, now)
	case transcript.Tick:
		err = p.engine.Tick(now)
	}
	if err != nil {
		return err
	}
	_, err = p.drain(now)
	return err
}

func (p *player) recv(from portcullis.Side, bytes []byte, now portcullis.Time) error {
	for {
		taken, err := p.engine.Fill(from, now, func(space []byte) int { return copy(space, bytes) })
		if err != nil {
			return err
		}
		moved, err := p.drain(now)
		if err != nil {
			return err
		}
		bytes = bytes[taken:]
		if len(bytes) == 0 {
			return nil
		}
		if taken == 0 && !moved {
			return errors.New("the lane stands")
		}
	}
}

// drain takes bytes and events until a whole round moves nothing; whether any did.
func (p *player) drain(now portcullis.Time) (bool, error) {
	for any := false; ; any = true {
		moved, err := p.round(now)
		if err != nil || !moved {
			return any, err
		}
		if err := p.engine.Tick(now); err != nil {
			return true, err
		}
	}
}

func (p *player) round(now portcullis.Time) (bool, error) {
	moved := false
	for to, file := range p.out.receivers {
		for {
			count, err := p.engine.Send(portcullis.Receiver(to), file.Write)
			if err != nil {
				return moved, err
			}
			if count == 0 {
				break
			}
			moved = true
		}
	}
	var event portcullis.Event
	for {
		found, err := p.engine.NextEvent(&event)
		if err != nil || !found {
			return moved, err
		}
		moved = true
		p.line = appendEvent(p.line[:0], &event)
		if _, err := p.out.events.Write(p.line); err != nil {
			return moved, err
		}
		if event.Ticket == 0 {
			continue
		}
		answer := portcullis.AnswerDenied
		if event.Ticket%2 == 1 {
			answer = portcullis.AnswerApproved
		}
		if _, err := p.engine.Answer(event.Ticket, answer, now); err != nil {
			return moved, err
		}
	}
}

// appendEvent writes an event as one line of fields with a TAB between them.
func appendEvent(line []byte, e *portcullis.Event) []byte {
	reason, duration := "-", "-"
	if e.Reason != 0 {
		reason = e.Reason.String()
	}
	if e.Duration != portcullis.Never {
		duration = fmt.Sprint(e.Duration)
	}
	line = fmt.Appendf(line, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t",
		e.Kind, e.From, e.Message, reason, e.Code, e.Session,
		label(&e.Server), label(&e.Method), label(&e.Tool), label(&e.Rule), label(&e.Check))
	return fmt.Appendf(line, "%d\t%d\t%d\t%016x\t%s\t%d\t%d\t%d\n",
		e.BytesIn, e.BytesOut, e.Count, e.IDDigest, duration, e.Ticket,
		e.Time.Monotonic, e.Time.Wall)
}

// label shows a peer's text so that nothing in it means anything.
func label(l *portcullis.Label) string {
	switch {
	case len(l.Bytes()) == 0 && !l.Cut():
		return "-"
	case l.Cut():
		return fmt.Sprintf("%x~", l.Bytes())
	default:
		return fmt.Sprintf("%x", l.Bytes())
	}
}
