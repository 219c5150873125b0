package portcullis

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestCleanFramesPassByteForByte(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	asked := ` {"jsonrpc":"2.0", "id" : 1,"method":"ping"}` + "\r\n"
	recv(t, engine, Client, asked, at(0))
	wants(t, sent(t, engine, ToServer), asked)
	recv(t, engine, Server, answer(1, "fine"), at(1))
	wants(t, sent(t, engine, ToClient), answer(1, "fine"))

	metrics := must(engine.Metrics())
	if metrics.Passed != [2]uint64{1, 1} || metrics.BytesIn[Client] != uint64(len(asked)) {
		t.Fatalf("%+v", metrics)
	}
	ok(t, engine.RecvClose(Client, at(2)))
	if stall := must(engine.Stalled(Client)); stall != StallEnded {
		t.Fatal(stall)
	}
	ok(t, engine.RecvClose(Server, at(3)))
	if !must(engine.Finished()) {
		t.Fatal("not finished")
	}
}

func TestAuthTokenIsCut(t *testing.T) {
	engine := newEngine(t, newPolicy(t, tokenPolicy("SECRET-1")), Options{Wanted: WantAll})
	line := `{"jsonrpc":"2.0","auth_token":"SECRET-1","id":1,"method":"ping"}` + "\n"
	recv(t, engine, Client, line, at(0))
	wants(t, sent(t, engine, ToServer), `{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n")
	said := events(t, engine)
	if len(said) != 1 || said[0].Reason != ReasonTokenCut || said[0].Kind != EventChanged {
		t.Fatalf("%+v", said)
	}
	wants(t, said[0].Method.String(), "ping")

	fresh := newEngine(t, newPolicy(t, tokenPolicy("SECRET-1")), Options{})
	recv(t, fresh, Client, request(1, "ping"), at(0))
	wants(t, sent(t, fresh, ToServer), "")
	holds(t, sent(t, fresh, ToClient), `"auth_required"`)
}

func TestLeakIsRedactedHoweverItIsCut(t *testing.T) {
	policy := newPolicy(t, "")
	text, secret := example(t, policy, 1)
	asked, leak := request(1, "ping"), answer(1, text)
	for _, size := range []int{1, 7, 64, len(leak)} {
		engine := newEngine(t, policy, Options{})
		recv(t, engine, Client, asked, at(0))
		sent(t, engine, ToServer)
		got := ""
		for rest := leak; rest != ""; {
			piece := rest[:min(size, len(rest))]
			recv(t, engine, Server, piece, at(0))
			got += sent(t, engine, ToClient)
			rest = rest[len(piece):]
		}
		if strings.Contains(got, secret) || !strings.Contains(got, `"id":1`) {
			t.Fatalf("pieces of %d bytes: %q", size, got)
		}
	}
}

func TestRefusalsHaveTheirReason(t *testing.T) {
	ledger := must(NewLedger())
	defer ledger.Close()
	policy := newPolicy(t, `{"tools":{"deny":["rm"]}}`)
	for line, reason := range map[string]Reason{
		"no json\n":    ReasonNotJSON,
		call(1, "rm"):  ReasonToolDenied,
		"{\"id\":1}\n": ReasonBadVersion,
	} {
		engine := newEngine(t, policy, Options{Wanted: WantRefused, Ledger: ledger})
		recv(t, engine, Client, line, at(0))
		wants(t, sent(t, engine, ToServer), "")
		holds(t, sent(t, engine, ToClient), `"reason":"`+reason.String()+`"`,
			strings.ReplaceAll(reason.Message(), `"`, `\"`))
		said := events(t, engine)
		if len(said) != 1 || said[0].Reason != reason || said[0].Code != reason.Code() {
			t.Fatalf("%q: %+v", line, said)
		}
		if count := must(ledger.Refusals(reason)); count != 1 {
			t.Fatalf("%v was counted %d times", reason, count)
		}
	}
	if counts := must(ledger.Counts()); counts.Refused != 3 {
		t.Fatalf("%+v", counts)
	}
}

func TestTicketsAreAnswered(t *testing.T) {
	policy := newPolicy(t, `{"tools":{"ask":["deploy"]}}`)
	engine := newEngine(t, policy, Options{Wanted: WantLifecycle})
	ask := func(id int) uint64 {
		recv(t, engine, Client, call(id, "deploy"), at(0))
		said := events(t, engine)
		if len(said) != 1 || said[0].Ticket == 0 || said[0].Reason != ReasonApprovalAsked {
			t.Fatalf("%+v", said)
		}
		wants(t, said[0].Tool.String(), "deploy")
		wants(t, sent(t, engine, ToServer), "")
		return said[0].Ticket
	}
	ticket := ask(1)
	question := must(engine.Question(ticket))
	if question.Kind != QuestionCall || question.Text != "deploy" {
		t.Fatalf("%+v", question)
	}
	wants(t, string(question.Message)+"\n", call(1, "deploy"))
	if !must(engine.Answer(ticket, AnswerApproved, at(1))) {
		t.Fatal("the ticket is unknown")
	}
	wants(t, sent(t, engine, ToServer), call(1, "deploy"))
	if must(engine.Answer(ticket, AnswerApproved, at(1))) {
		t.Fatal("a ticket was answered twice")
	}
	must(engine.Answer(ask(2), AnswerDenied, at(2)))
	wants(t, sent(t, engine, ToServer), "")
	holds(t, sent(t, engine, ToClient), `"approval_denied"`)
	if none := must(engine.Question(ticket)); none.Kind != QuestionNone || none.Message != nil {
		t.Fatalf("%+v", none)
	}
	if must(engine.Resolve(ticket, "/", at(2))) || !must(engine.Resolve(ask(3), "/tmp", at(2))) {
		t.Fatal("only what is open can be resolved")
	}
	wants(t, sent(t, engine, ToServer), "")
	holds(t, sent(t, engine, ToClient), `"approval_denied"`)
	if _, err := engine.Answer(1, AnswerResolved, at(2)); err != ErrBadNumber {
		t.Fatal(err)
	}
}

func TestPolicyIsSwappedBetweenFrames(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	recv(t, engine, Client, call(1, "rm"), at(0))
	strict := must(NewPolicy([]byte(`{"tools":{"deny":["rm"]}}`)))
	ok(t, engine.SwapPolicy(strict))
	ok(t, strict.Close())
	recv(t, engine, Client, call(2, "rm"), at(0))
	wants(t, sent(t, engine, ToServer), call(1, "rm"))
	holds(t, sent(t, engine, ToClient), `"tool_denied"`)
}

func TestDrainRefusesWhatIsNewAndEndsWhatIsOpen(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	recv(t, engine, Client, request(1, "a"), at(0))
	sent(t, engine, ToServer)
	ok(t, engine.BeginDrain(at(10), 100))
	recv(t, engine, Client, request(2, "b"), at(11))
	holds(t, sent(t, engine, ToClient), `"id":2`, `"draining"`)
	if due, wake, err := engine.Deadline(); due != 100 || wake != WakeDrain || err != nil {
		t.Fatal(due, wake, err)
	}
	ok(t, engine.Tick(at(99)))
	wants(t, sent(t, engine, ToClient), "")
	ok(t, engine.Tick(at(100)))
	holds(t, sent(t, engine, ToClient), `"id":1`, `"draining"`)
	sent(t, engine, ToServer)
	if !must(engine.Finished()) {
		t.Fatal("not finished")
	}
}

func TestDeadlineComesByNumber(t *testing.T) {
	engine := newEngine(t, newPolicy(t, `{"requests":{"timeout_ms":60000}}`), Options{})
	if due, wake, err := engine.Deadline(); due != Never || wake != WakeNone || err != nil {
		t.Fatal(due, wake, err)
	}
	recv(t, engine, Client, request(1, "a"), at(5))
	sent(t, engine, ToServer)
	ok(t, engine.Tick(at(60_004)))
	wants(t, sent(t, engine, ToClient), "")
	due, wake, err := engine.Deadline()
	if due != 60_005 || wake != WakeRequest || err != nil {
		t.Fatal(due, wake, err)
	}
	ok(t, engine.Tick(at(due)))
	holds(t, sent(t, engine, ToClient), `"timeout"`)
	if next, _, err := engine.Deadline(); next <= due || err != nil {
		t.Fatal("the deadline is not later than its tick", next, err)
	}
}

func TestTimerTicksByItself(t *testing.T) {
	// The clock is past the deadline at once, so the timer is due at once: nothing waits.
	clock := &clock{}
	engine := newEngine(t, newPolicy(t, `{"requests":{"timeout_ms":1000}}`), Options{Clock: clock.Now})
	recv(t, engine, Client, request(1, "a"), at(0))
	sent(t, engine, ToServer)
	clock.mu.Lock()
	clock.now = at(1000)
	clock.mu.Unlock()
	ok(t, engine.KeepTime(true))
	buffer := make([]byte, 512)
	count, err := engine.Output(ToClient).ReadContext(patience(t), buffer)
	ok(t, err)
	holds(t, string(buffer[:count]), `"timeout"`)
}

func TestFillLendsWhatRecvTakes(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	if room := must(engine.RecvRoom(Client)); room == 0 {
		t.Fatal("no room")
	}
	line := request(1, "a")
	count, err := engine.Fill(Client, at(0), func(space []byte) int { return copy(space, line) })
	if count != len(line) || err != nil {
		t.Fatal(count, err)
	}
	if ready := must(engine.SendReady(ToServer)); ready != len(line) {
		t.Fatal(ready)
	}
	buffer := make([]byte, 10)
	if count := must(engine.SendCopy(ToServer, buffer)); count != 10 {
		t.Fatal(count)
	}
	wants(t, string(buffer)+sent(t, engine, ToServer), line)
}

func TestSinksGetWhatIsReadyAtOnce(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{})
	recv(t, engine, Client, request(1, "a"), at(0))
	var server, client bytes.Buffer
	ok(t, engine.SetSink(ToServer, &server))
	ok(t, engine.SetSink(ToClient, &client))
	wants(t, server.String(), request(1, "a"))
	recv(t, engine, Server, answer(1, "fine"), at(0))
	wants(t, client.String(), answer(1, "fine"))

	broken := errors.New("broken")
	ok(t, engine.SetSink(ToServer, writerFunc(func([]byte) (int, error) { return 3, broken })))
	_, err := engine.Recv(Client, []byte(request(2, "b")), at(0))
	var sink *SinkError
	if !errors.Is(err, broken) || !errors.As(err, &sink) || sink.To != ToServer {
		t.Fatal(err)
	}
	wants(t, sent(t, engine, ToServer), request(2, "b")[3:])

	ok(t, engine.SetSink(ToServer, writerFunc(func(bytes []byte) (int, error) { return 1, nil })))
	_, err = engine.Recv(Client, []byte(request(3, "c")), at(0))
	if !errors.Is(err, io.ErrShortWrite) {
		t.Fatal(err)
	}
}

func TestFactsAreToldInEvents(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{Wanted: WantAll})
	ok(t, engine.Facts(Client, 7, ""))
	ok(t, engine.Facts(Server, 7, strings.Repeat("é", 40)))
	recv(t, engine, Client, request(1, "a"), at(3))
	recv(t, engine, Server, answer(1, "b"), at(5))
	said := events(t, engine)
	last := said[len(said)-1]
	if last.Session != 7 || !last.Server.Cut() || last.Server.String() != strings.Repeat("é", 31) {
		t.Fatalf("%+v", last)
	}
	if last.Duration != 2 || last.Time != at(5) || last.IDDigest == 0 || last.From != Server {
		t.Fatalf("%+v", last)
	}
	if said[0].Duration != Never {
		t.Fatalf("%+v", said[0])
	}
}

func TestNoVerbAllocates(t *testing.T) {
	engine := newEngine(t, newPolicy(t, ""), Options{Wanted: WantProtocol})
	for _, to := range []Receiver{ToClient, ToServer, ToNoise} {
		ok(t, engine.SetSink(to, io.Discard))
	}
	var event Event
	input := engine.Input(Client)
	line := []byte(`{"jsonrpc":"2.0","method":"notifications/a"}` + "\n")
	count := testing.AllocsPerRun(100, func() {
		must(input.Write(line))
		must(engine.NextEvent(&event))
	})
	if count != 0 {
		t.Fatalf("%v allocations for each frame", count)
	}
}

func TestLimitsAreHeld(t *testing.T) {
	limits := DefaultLimits()
	if limits.FrameBytesMax[Client] != 16<<20 || limits.TicketTime != 45*time.Second {
		t.Fatalf("%+v", limits)
	}
	if must(limits.MemoryMax()) == 0 {
		t.Fatal("no bound for memory")
	}
	limits.FrameBytesMax[Client] = 4 << 10
	limits.FrameTime = 1500 * time.Microsecond
	engine := newEngine(t, newPolicy(t, ""), Options{Limits: &limits})
	fits := `{"jsonrpc":"2.0","method":"` + strings.Repeat("a", 4<<10-29) + `"}`
	recv(t, engine, Client, fits+"\n", at(0))
	wants(t, sent(t, engine, ToServer), fits+"\n")
	recv(t, engine, Client, fits+" \n", at(0))
	wants(t, sent(t, engine, ToServer), "")
	if metrics := must(engine.Metrics()); metrics.Refused[Client] != 1 {
		t.Fatalf("%+v", metrics)
	}
	recv(t, engine, Client, "{", at(0))
	if due, wake, err := engine.Deadline(); due != 2 || wake != WakeFrame || err != nil {
		t.Fatal(due, wake, err)
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(bytes []byte) (int, error) { return f(bytes) }
