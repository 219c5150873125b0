package portcullis

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// pair is a pipe each way between a session and a peer that the test plays.
type pair struct {
	in  *io.PipeWriter // the peer writes here
	out *bufio.Reader  // and reads here
	end *io.PipeReader // below out
}

func newPair() (pair, Peer) {
	fromPeer, in := io.Pipe()
	out, toPeer := io.Pipe()
	return pair{in: in, out: bufio.NewReader(out), end: out}, Peer{From: fromPeer, To: toPeer}
}

func (p pair) say(t *testing.T, line string) {
	t.Helper()
	_, err := io.WriteString(p.in, line)
	ok(t, err)
}

func (p pair) hears(t *testing.T, want string) {
	t.Helper()
	line, err := p.out.ReadString('\n')
	ok(t, err)
	wants(t, line, want)
}

func (p pair) hearsEnd(t *testing.T) {
	t.Helper()
	if line, err := p.out.ReadString('\n'); err != io.EOF {
		t.Fatal(line, err)
	}
}

type world struct {
	client, server pair
	session        *Session
	noise          bytes.Buffer
	events         chan Event
	left           chan Side
	ended          chan error
}

func newWorld(t *testing.T, ctx context.Context, json string) *world {
	t.Helper()
	w := &world{events: make(chan Event, 100), left: make(chan Side, 2), ended: make(chan error, 1)}
	engine := newEngine(t, newPolicy(t, json), Options{Wanted: WantLifecycle, Clock: SystemTime})
	w.session = &Session{
		Engine: engine,
		Noise:  &w.noise,
		Event:  func(event Event) { w.events <- event },
		Left:   func(side Side) { w.left <- side },
	}
	w.client, w.session.Client = newPair()
	w.server, w.session.Server = newPair()
	go func() { w.ended <- w.session.Run(ctx) }()
	return w
}

func TestSessionRunsToItsEnd(t *testing.T) {
	w := newWorld(t, patience(t), `{"tools":{"ask":["deploy"]}}`)
	w.client.say(t, call(1, "deploy"))
	asked := <-w.events
	must(w.session.Engine.Answer(asked.Ticket, AnswerApproved, SystemTime()))
	w.server.hears(t, call(1, "deploy"))
	w.server.say(t, "a line that is no message\n")
	w.server.say(t, answer(1, "done"))
	w.client.hears(t, answer(1, "done"))

	ok(t, w.client.in.Close())
	w.server.hearsEnd(t)
	ok(t, w.server.in.Close())
	w.client.hearsEnd(t)
	ok(t, <-w.ended)
	wants(t, w.noise.String(), "a line that is no message\n")
	if sides := [2]Side{<-w.left, <-w.left}; sides != [2]Side{Client, Server} {
		t.Fatal(sides)
	}
	if len(w.events) != 2 {
		t.Fatalf("%d closings were told of", len(w.events))
	}
}

func TestSessionOutlivesAClientThatReadsNoMore(t *testing.T) {
	w := newWorld(t, patience(t), "")
	w.client.say(t, request(1, "a"))
	w.server.hears(t, request(1, "a"))
	ok(t, w.client.end.Close())
	w.server.say(t, answer(1, "for nobody"))
	w.server.hearsEnd(t)
	ok(t, w.server.in.Close())
	ok(t, <-w.ended)
	if side := <-w.left; side != Client {
		t.Fatal(side)
	}
}

func TestSessionOutlivesAServerThatReadsNoMore(t *testing.T) {
	w := newWorld(t, patience(t), "")
	ok(t, w.server.end.Close())
	w.client.say(t, request(1, "a"))
	if side := <-w.left; side != Server {
		t.Fatal(side)
	}
	w.server.say(t, answer(1, "still here"))
	w.client.hears(t, answer(1, "still here"))
	ok(t, w.server.in.Close())
	w.client.hearsEnd(t)
	ok(t, <-w.ended)
}

func TestSessionDrains(t *testing.T) {
	w := newWorld(t, patience(t), "")
	w.client.say(t, request(1, "a"))
	w.server.hears(t, request(1, "a"))
	ok(t, w.session.Drain(time.Hour))
	w.server.hearsEnd(t)
	w.server.say(t, answer(1, "in time"))
	w.client.hears(t, answer(1, "in time"))
	ok(t, w.server.in.Close())
	w.client.hearsEnd(t)
	ok(t, <-w.ended)
}

func TestSessionEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	w := newWorld(t, ctx, "")
	w.client.say(t, request(1, "a"))
	w.server.hears(t, request(1, "a"))
	reason := errors.New("enough of it")
	cancel(reason)
	if err := <-w.ended; err != reason {
		t.Fatal(err)
	}
}

func TestSessionHoldsBackAClientWhoseServerDoesNotRead(t *testing.T) {
	w := newWorld(t, patience(t), "")
	written := make(chan error, 1)
	go func() {
		_, err := io.Copy(w.client.in, strings.NewReader(flood()))
		written <- err
	}()
	waiting(t, w.session.Engine, &w.session.Engine.waiters.room[Client])
	select {
	case err := <-written:
		t.Fatal("nothing was held back:", err)
	default:
	}
	count, err := io.CopyN(io.Discard, w.server.out, int64(len(flood())))
	if err != nil {
		t.Fatal(count, err)
	}
	ok(t, <-written)
	ok(t, w.client.in.Close())
	ok(t, w.server.in.Close())
	w.client.hearsEnd(t)
	ok(t, <-w.ended)
}
