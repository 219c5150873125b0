package portcullis

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestErrorsAreFoundByWhatTheyAre(t *testing.T) {
	if err := StatusPanicked.err(); !errors.Is(err, ErrPoisoned) {
		t.Fatal(err)
	}
	if err := StatusPoisoned.err(); !errors.Is(err, ErrPoisoned) {
		t.Fatal(err)
	}
	if errors.Is(StatusNotLent.err(), ErrPoisoned) || StatusOK.err() != nil {
		t.Fatal("another status is taken for a defect")
	}
	holds(t, ErrNotLent.Error(), "portcullis: ", StatusNotLent.String())
}

func TestConfigurationsAreRefusedWithTheirReason(t *testing.T) {
	_, err := NewPolicy([]byte(`{"no_such_key": 1}`))
	var config *ConfigError
	if !errors.Is(err, ErrBadConfig) || !errors.As(err, &config) {
		t.Fatal(err)
	}
	holds(t, config.Message, "no_such_key")
	if _, err := NewPolicy([]byte("\xff")); !errors.Is(err, ErrBadUTF8) {
		t.Fatal(err)
	}

	limits := DefaultLimits()
	limits.TicketTime = 0
	_, err = NewEngine(newPolicy(t, ""), &Options{Limits: &limits})
	if !errors.Is(err, ErrBadConfig) {
		t.Fatal(err)
	}
	holds(t, err.Error(), "ticket_ms")
	limits.TicketTime = -1 << 40
	if _, err = NewEngine(newPolicy(t, ""), &Options{Limits: &limits}); !errors.Is(err, ErrBadConfig) {
		t.Fatal(err)
	}
}

func TestMisuseIsToldApart(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	recv(t, engine, Client, request(1, "a"), at(0))
	sendAll := func(more int) error {
		return second(engine.Send(ToServer, func(b []byte) (int, error) { return more, nil }))
	}
	fillAll := func(more int) error {
		return second(engine.Fill(Client, at(0), func(b []byte) int { return more }))
	}
	for want, got := range map[string]error{
		"more was written than lent":   sendAll(1 << 30),
		"less than nothing written":    sendAll(-1),
		"more was filled in than lent": fillAll(1 << 30),
		"less than nothing filled in":  fillAll(-1),
	} {
		if !errors.Is(got, ErrNotLent) {
			t.Fatalf("%s: %v", want, got)
		}
	}
	for want, got := range map[string]error{
		"side":     second(engine.Recv(9, []byte("a"), at(0))),
		"receiver": second(engine.Send(9, func([]byte) (int, error) { return 0, nil })),
		"input":    second(engine.Input(2).Write([]byte("a"))),
		"close":    engine.Input(2).Close(),
		"output":   second(engine.Output(3).Read(make([]byte, 1))),
		"end":      engine.Output(3).EndWhenEmpty(),
		"sink":     engine.SetSink(3, io.Discard),
		"answer":   second(engine.Answer(1, 9, at(0))),
		"reason":   second(Notice(9999)),
		"closing":  engine.RecvClose(2, at(0)),
		"stall":    second(engine.Stalled(2)),
		"room":     second(engine.RecvRoom(2)),
	} {
		if !errors.Is(got, ErrBadNumber) {
			t.Fatalf("%s: %v", want, got)
		}
	}
	// None of it took or lost a byte.
	wants(t, sent(t, engine, ToServer), request(1, "a"))
	if err := engine.Facts(Client, 1, "\xff"); !errors.Is(err, ErrBadUTF8) {
		t.Fatal(err)
	}
	_, err := NewEngine(newPolicy(t, ""), &Options{Wanted: 1 << 20})
	if !errors.Is(err, ErrBadNumber) {
		t.Fatal(err)
	}
}

func TestClosedIsClosed(t *testing.T) {
	policy := must(NewPolicy(nil))
	ledger := must(NewLedger())
	engine := must(NewEngine(policy, &Options{Ledger: ledger}))
	finder := must(NewFinder(policy))
	redactor := must(NewRedactor(policy))
	input, output := engine.Input(Client), engine.Output(ToServer)
	shared := must(NewEngine(policy, &Options{Ledger: ledger}))
	defer shared.Close()
	for range [2]int{} {
		for _, closer := range []io.Closer{policy, ledger, engine, finder, redactor} {
			ok(t, closer.Close())
		}
	}
	var event Event
	for what, err := range map[string]error{
		"Recv":        second(engine.Recv(Client, []byte("a"), at(0))),
		"Send":        second(engine.Send(ToClient, nil)),
		"NextEvent":   second(engine.NextEvent(&event)),
		"Tick":        engine.Tick(at(0)),
		"Metrics":     second(engine.Metrics()),
		"SwapPolicy":  shared.SwapPolicy(policy),
		"Ledger":      shared.Tick(at(0)),
		"Write":       second(input.Write([]byte("a"))),
		"Input.Close": input.Close(),
		"Read":        second(output.Read(make([]byte, 1))),
		"Rules":       second(policy.Rules()),
		"NewEngine":   second(NewEngine(policy, nil)),
		"NewFinder":   second(NewFinder(policy)),
		"Counts":      second(ledger.Counts()),
		"Find":        second(finder.Find(nil)),
		"Push":        second(redactor.Push(nil, nil)),
		"nil Engine":  (*Engine)(nil).Tick(at(0)),
		"nil Policy":  second(NewEngine(nil, nil)),
		"zero Engine": new(Engine).Tick(at(0)),
		"Session":     (&Session{Engine: engine}).Run(patience(t)),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	ok(t, (*Engine)(nil).Close())
}

func TestCloseWakesWhoWaits(t *testing.T) {
	engine := must(NewEngine(newPolicy(t, ""), nil))
	ended := make(chan error)
	started := make(chan struct{})
	go func() {
		close(started)
		_, err := engine.Output(ToServer).Read(make([]byte, 1))
		ended <- err
	}()
	<-started
	ok(t, engine.Close())
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestFinalizerIsANet(t *testing.T) {
	freed := make(chan struct{}, 64)
	told := func() { freed <- struct{}{} }
	handles.told.Store(&told)
	defer handles.told.Store(nil)
	before := handles.alive.Load()
	func() {
		policy := must(NewPolicy(nil))
		engine := must(NewEngine(policy, nil))
		ok(t, engine.Tick(at(0)))
		must(NewLedger())
		must(NewFinder(policy))
		must(NewRedactor(policy))
	}()
	ctx := patience(t)
	for handles.alive.Load() > before {
		runtime.GC()
		select {
		case <-freed:
		case <-ctx.Done():
			t.Fatalf("%d are left", handles.alive.Load()-before)
		}
	}
}

func TestNothingIsLeftAlive(t *testing.T) {
	before := handles.alive.Load()
	policy := must(NewPolicy(nil))
	for number := 0; number < 50; number++ {
		engine := must(NewEngine(policy, nil))
		recv(t, engine, Client, request(1, "a"), at(0))
		ok(t, engine.Close())
	}
	_, err := NewPolicy([]byte("{"))
	if !errors.Is(err, ErrBadConfig) || strings.Contains(err.Error(), "\x00") {
		t.Fatal(err)
	}
	ok(t, policy.Close())
	if after := handles.alive.Load(); after != before {
		t.Fatalf("%d before, %d after", before, after)
	}
}

func second[T any](_ T, err error) error { return err }
