package portcullis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// waiting gives the moment at which somebody waits for a condition of the engine: no test has to
// sleep until a goroutine has blocked.
func waiting(t *testing.T, engine *Engine, condition *signal) {
	t.Helper()
	ctx := patience(t)
	for {
		engine.mu.Lock()
		waits := condition.channel != nil
		engine.mu.Unlock()
		if waits {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("nobody waits")
		}
		runtime.Gosched()
	}
}

// flood is more than an engine takes while nobody reads.
func flood() string {
	return strings.Repeat(`{"jsonrpc":"2.0","method":"notifications/a"}`+"\n", 400_000)
}

func TestAdaptersCarryASession(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	const calls = 500
	var server, client bytes.Buffer
	var groups [receivers]sync.WaitGroup
	for to, w := range [receivers]io.Writer{&client, &server, io.Discard} {
		groups[to].Add(1)
		go func(to Receiver, w io.Writer) {
			defer groups[to].Done()
			if _, err := io.Copy(w, engine.Output(to)); err != nil {
				t.Error(err)
			}
		}(Receiver(to), w)
	}
	var asked, answered strings.Builder
	for id := 0; id < calls; id++ {
		asked.WriteString(request(id, "a"))
		answered.WriteString(answer(id, "fine"))
	}
	count, err := io.Copy(engine.Input(Client), strings.NewReader(asked.String()))
	if err != nil || int(count) != asked.Len() {
		t.Fatal(count, err)
	}
	must(io.WriteString(engine.Input(Server), answered.String()))
	ok(t, engine.Input(Client).Close())
	ok(t, engine.Input(Client).Close())
	groups[ToServer].Wait()
	ok(t, engine.Input(Server).Close())
	groups[ToClient].Wait()
	groups[ToNoise].Wait()
	wants(t, server.String(), asked.String())
	wants(t, client.String(), answered.String())
	if _, err := engine.Input(Client).Write([]byte("a")); err != io.ErrClosedPipe {
		t.Fatal(err)
	}
}

func TestWriterStandsWhileNobodyReads(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	all := flood()
	done := make(chan error, 1)
	go func() {
		_, err := engine.Input(Client).Write([]byte(all))
		done <- err
	}()
	waiting(t, engine, &engine.waiters.room[Client])
	held := must(engine.Metrics())
	if held.BytesIn[Client] == uint64(len(all)) || held.MemoryBytes > 8<<20 {
		t.Fatalf("nothing was held back: %+v", held)
	}
	select {
	case err := <-done:
		t.Fatal("the writer did not wait:", err)
	default:
	}
	var got bytes.Buffer
	buffer := make([]byte, pieceBytes)
	for got.Len() < len(all) {
		count, err := engine.Output(ToServer).ReadContext(patience(t), buffer)
		ok(t, err)
		got.Write(buffer[:count])
	}
	ok(t, <-done)
	if got.String() != all {
		t.Fatal("other bytes came out")
	}
}

func TestTwoStandingWritersDoNotWakeEachOther(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, side := range []Side{Client, Server} {
		group.Add(1)
		go func(side Side) {
			defer group.Done()
			if _, err := engine.Input(side).WriteContext(ctx, []byte(flood())); err != context.Canceled {
				t.Error(side, err)
			}
		}(side)
	}
	waiting(t, engine, &engine.waiters.room[Client])
	waiting(t, engine, &engine.waiters.room[Server])
	engine.mu.Lock()
	before := engine.waiters.room
	engine.settle(judged)
	same := engine.waiters.room == before
	engine.mu.Unlock()
	if !same {
		t.Error("a writer was woken for whom there is no room")
	}
	cancel()
	group.Wait()
}

func TestContextsEndWaits(t *testing.T) {
	reason := errors.New("enough of it")
	policy := newPolicy(t, "")
	for _, wait := range []struct {
		condition func(*waiters) *signal
		wait      func(context.Context, *Engine) error
	}{
		{func(w *waiters) *signal {
			return &w.ready[ToClient]
		}, func(ctx context.Context, e *Engine) error {
			return second(e.Output(ToClient).ReadContext(ctx, make([]byte, 1)))
		}},
		{func(w *waiters) *signal {
			return &w.ready[ToNoise]
		}, func(ctx context.Context, e *Engine) error {
			return second(e.Output(ToNoise).WriteToContext(ctx, io.Discard))
		}},
		{func(w *waiters) *signal {
			return &w.events
		}, func(ctx context.Context, e *Engine) error {
			return e.WaitEvent(ctx, new(Event))
		}},
		{func(w *waiters) *signal {
			return &w.room[Server]
		}, func(ctx context.Context, e *Engine) error {
			return second(e.Input(Server).ReadFromContext(ctx, strings.NewReader(flood())))
		}},
	} {
		engine := newEngine(t, policy, Options{Wanted: WantAll})
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan error, 1)
		go func(wait func(context.Context, *Engine) error) { ended <- wait(ctx, engine) }(wait.wait)
		waiting(t, engine, wait.condition(&engine.waiters))
		cancel(reason)
		if err := <-ended; err != reason {
			t.Fatal(err)
		}
	}
}

func TestAnswersWakeTheirReader(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	got := make(chan string, 1)
	go func() {
		buffer := make([]byte, 512)
		count, _ := engine.Output(ToClient).Read(buffer)
		got <- string(buffer[:count])
	}()
	waiting(t, engine, &engine.waiters.ready[ToClient])
	must(io.WriteString(engine.Input(Client), "no json\n"))
	holds(t, <-got, `"not_json"`)
}

func TestEndOfASession(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	must(io.WriteString(engine.Input(Client), request(1, "a")))
	ok(t, engine.Input(Client).Close())
	wants(t, string(must(io.ReadAll(engine.Output(ToServer)))), request(1, "a"))
	ok(t, engine.Input(Server).Close())
	holds(t, string(must(io.ReadAll(engine.Output(ToClient)))), `"server_exited"`)
	wants(t, string(must(io.ReadAll(engine.Output(ToNoise)))), "")

}

func TestWhoIsRefusedTooOftenIsTakenNoFurther(t *testing.T) {
	limits := DefaultLimits()
	limits.RefusedInARowMax = 2
	engine := newEngine(t, newPolicy(t, ""), Options{Limits: &limits})
	ok(t, engine.SetSink(ToClient, io.Discard))
	input := engine.Input(Client)
	count, err := input.WriteContext(patience(t), []byte(strings.Repeat("no json\n", 1<<20)))
	if !errors.Is(err, ErrFinished) || count == 8<<20 {
		t.Fatal(count, err)
	}
	more := strings.NewReader("no json\n")
	if _, err := input.ReadFromContext(patience(t), more); !errors.Is(err, ErrFinished) {
		t.Fatal(err)
	}
}

func TestOutputEndsWhenEmptyIfToldSo(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	must(io.WriteString(engine.Input(Client), request(1, "a")))
	output := engine.Output(ToServer)
	ok(t, output.EndWhenEmpty())
	wants(t, string(must(io.ReadAll(output))), request(1, "a"))
}

func TestManyGoroutinesShareAnEngine(t *testing.T) {
	ledger := must(NewLedger())
	defer ledger.Close()
	policy := newPolicy(t, "")
	var engines sync.WaitGroup
	for range [2]int{} {
		engine := newEngine(t, policy, Options{Wanted: WantAll, Ledger: ledger})
		engines.Add(1)
		go func() {
			defer engines.Done()
			share(t, engine)
		}()
	}
	engines.Wait()
	if counts := must(ledger.Counts()); counts.Frames != 2*4*100 {
		t.Fatalf("%+v", counts)
	}
}

// share has four goroutines write, and others look, collect and read.
func share(t *testing.T, engine *Engine) {
	var writers, others sync.WaitGroup
	ctx, cancel := context.WithCancel(patience(t))
	others.Add(4)
	go func() { defer others.Done(); must(io.Copy(io.Discard, engine.Output(ToServer))) }()
	go func() { defer others.Done(); must(io.Copy(io.Discard, engine.Output(ToClient))) }()
	go func() {
		defer others.Done()
		for event := (Event{}); engine.WaitEvent(ctx, &event) == nil; {
			_ = engine.Tick(at(1))
		}
	}()
	go func() {
		defer others.Done()
		for ctx.Err() == nil {
			must(engine.Metrics())
			must(engine.Stalled(Client))
			must(engine.Finished())
		}
	}()
	for number := 0; number < 4; number++ {
		writers.Add(1)
		go func(number int) {
			defer writers.Done()
			for id := 0; id < 100; id++ {
				line := fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/%d-%d"}`+"\n", number, id)
				must(io.WriteString(engine.Input(Client), line))
			}
		}(number)
	}
	writers.Wait()
	ok(t, engine.Input(Client).Close())
	ok(t, engine.Input(Server).Close())
	cancel()
	others.Wait()
}
