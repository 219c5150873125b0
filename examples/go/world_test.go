package portcullis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the tests share: a world in which time is a number, and nothing sleeps.

// enough is when a test that should have ended by itself is called hung.
const enough = 20 * time.Second

func at(monotonic uint64) Time {
	return Time{Monotonic: monotonic, Wall: 1_795_000_000_000 + monotonic}
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now Time
}

func (c *clock) Now() Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	t.Cleanup(cancel)
	return ctx
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newPolicy(t *testing.T, json string) *Policy {
	t.Helper()
	policy, err := NewPolicy([]byte(json))
	ok(t, err)
	t.Cleanup(func() { ok(t, policy.Close()) })
	return policy
}

// newEngine has a clock that stands at 0, unless the options have another.
func newEngine(t *testing.T, policy *Policy, options Options) *Engine {
	t.Helper()
	if options.Clock == nil {
		options.Clock = new(clock).Now
	}
	engine, err := NewEngine(policy, &options)
	ok(t, err)
	t.Cleanup(func() { ok(t, engine.Close()) })
	return engine
}

// tokenPolicy wants this token of the client.
func tokenPolicy(token string) string {
	digest := sha256.Sum256([]byte(token))
	return fmt.Sprintf(`{"auth":{"tokens":[{"name":"me","sha256":"%x"}]}}`, digest)
}

func request(id int, method string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q}`+"\n", id, method)
}

func call(id int, tool string) string {
	const form = `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q}}` + "\n"
	return fmt.Sprintf(form, id, tool)
}

func answer(id int, text string) string {
	const form = `{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":%q}]}}` + "\n"
	return fmt.Sprintf(form, id, text)
}

// recv hands over all of a text.
func recv(t *testing.T, engine *Engine, from Side, text string, now Time) {
	t.Helper()
	count, err := engine.Recv(from, []byte(text), now)
	if err != nil || count != len(text) {
		t.Fatalf("%d of %d bytes were taken: %v", count, len(text), err)
	}
}

// sent is all that is ready for a receiver.
func sent(t *testing.T, engine *Engine, to Receiver) string {
	t.Helper()
	var all bytes.Buffer
	for {
		count, err := engine.Send(to, all.Write)
		ok(t, err)
		if count == 0 {
			return all.String()
		}
	}
}

func events(t *testing.T, engine *Engine) []Event {
	t.Helper()
	var all []Event
	var event Event
	for {
		found, err := engine.NextEvent(&event)
		ok(t, err)
		if !found {
			return all
		}
		all = append(all, event)
	}
}

// wants compares what was said with what is expected of it.
func wants(t *testing.T, said, want string) {
	t.Helper()
	if said != want {
		t.Fatalf("said %.200q, want %.200q", said, want)
	}
}

func holds(t *testing.T, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Fatalf("%.200q lacks %q", said, part)
		}
	}
}

// example makes up a secret of a rule that redacts tokens: nothing like it stands in a file.
func example(t *testing.T, policy *Policy, seed uint64) (text, secret string) {
	t.Helper()
	finder, err := NewFinder(policy)
	ok(t, err)
	defer finder.Close()
	rules, err := policy.Rules()
	ok(t, err)
	for _, rule := range rules {
		if rule.Kind != RuleToken || rule.Action != ActionRedact {
			continue
		}
		made, err := finder.Example(rule.ID, seed)
		ok(t, err)
		return made.Text, made.Text[made.Start:made.End]
	}
	t.Fatal("no rule makes up a secret")
	return "", ""
}
