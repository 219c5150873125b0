package portcullis

import (
	"net/netip"
	"strings"
	"testing"
)

func TestFactsDecide(t *testing.T) {
	policy := newPolicy(t, `{"auth":{"tokens":[{"name":"me","token":"SECRET-1-SECRET-1"}]},
		"network":{"addresses":{"deny":[{"net":"192.0.2.0/24"}]},"origins":{"hosts":["mcp.example.com"]}}}`)
	good := Facts{
		Session: 7, Name: "me", Address: netip.MustParseAddr("198.51.100.7"),
		Credential: []byte("SECRET-1-SECRET-1"), Source: SourceBearer, Host: []string{"mcp.example.com"},
	}
	for reason, change := range map[string]func(*Facts){
		"":                  func(*Facts) {},
		"auth_required":     func(f *Facts) { f.Credential = nil },
		"auth_failed":       func(f *Facts) { f.Credential = []byte("SECRET-2") },
		"credential_source": func(f *Facts) { f.Source = SourceQuery },
		"address_denied":    func(f *Facts) { f.Address = netip.MustParseAddr("192.0.2.7") },
		"host_denied":       func(f *Facts) { f.Host = []string{""} },
	} {
		engine := newEngine(t, policy, Options{Wanted: WantPassed | WantRefused | WantChanged})
		facts := good
		change(&facts)
		ok(t, engine.Introduce(Client, &facts))
		recv(t, engine, Client, call(1, "x"), at(0))
		if reason == "" {
			wants(t, sent(t, engine, ToServer), call(1, "x"))
			wants(t, sent(t, engine, ToClient), "")
		} else {
			holds(t, sent(t, engine, ToClient), `"`+reason+`"`)
		}
		if said := events(t, engine); said[0].Session != 7 {
			t.Fatalf("%+v", said)
		}
	}
	engine := newEngine(t, policy, Options{})
	if err := engine.Introduce(Client, &Facts{Source: 9}); err != ErrBadNumber {
		t.Fatal(err)
	}
	if err := engine.Introduce(Client, &Facts{Host: []string{"\xff"}}); err != ErrBadUTF8 {
		t.Fatal(err)
	}
}

func TestCredentialsAreReadStrictly(t *testing.T) {
	for _, test := range []struct {
		source           Source
		text, name, want string
	}{
		{SourceBearer, "Bearer SECRET-1", "bearer", "SECRET-1"},
		{SourceBearer, "Bearer SECRET-1 x", "Bearer", ""},
		{SourceHeader, " SECRET-1", "", "SECRET-1"},
		{SourceQuery, "a=b&token=SECRET%2D1", "token", "SECRET-1"},
		{SourceQuery, "token=SECRET-1&token=SECRET-1", "token", ""},
	} {
		token := must(ReadCredential(test.source, []byte(test.text), test.name))
		wants(t, string(token), test.want)
	}
	if err := second(ReadCredential(SourceMember, nil, "")); err != ErrBadNumber {
		t.Fatal(err)
	}
}

func TestALedgerBansPeers(t *testing.T) {
	ledger := must(NewLedgerSized(1))
	defer ledger.Close()
	user := uint32(1000)
	peer, other := &Facts{User: &user}, &Facts{Session: 9}
	if full := must(ledger.Ban(peer, 1000, at(0))); full != 0 {
		t.Fatal(full)
	}
	if full := must(ledger.Ban(other, 2000, at(0))); full != 1000 {
		t.Fatal(full)
	}
	if must(ledger.Banned(peer, at(999))) != 1 || must(ledger.Banned(other, at(999))) != 0 {
		t.Fatal("it is the user who is banned")
	}
	engine := newEngine(t, newPolicy(t, ""), Options{Ledger: ledger})
	ok(t, engine.Introduce(Client, peer))
	recv(t, engine, Client, call(1, "x"), at(999))
	holds(t, sent(t, engine, ToClient), `"locked_out"`)
	if !must(ledger.LiftBan(peer)) || must(ledger.LiftBan(peer)) {
		t.Fatal("a ban is lifted once")
	}
	// The session of a peer that was locked out has ended.
	engine = newEngine(t, newPolicy(t, ""), Options{Ledger: ledger})
	ok(t, engine.Introduce(Client, peer))
	recv(t, engine, Client, call(2, "x"), at(999))
	wants(t, sent(t, engine, ToServer), call(2, "x"))
	ok(t, ledger.ForgetSession(0))
	if held, most, err := ledger.Memory(); err != nil || held == 0 || held > most {
		t.Fatal(held, most, err)
	}
	if err := second((*Ledger)(nil).Banned(peer, at(0))); err != ErrClosed {
		t.Fatal(err)
	}
	if err := second(NewLedgerSized(0)); err != ErrBadNumber {
		t.Fatal(err)
	}
}

func TestPathsAndNamesAreResolved(t *testing.T) {
	policy := newPolicy(t, `{"arguments":[
		{"name":"files","at":"/path","path":{"roots":["/srv"]},"resolve":true},
		{"name":"web","at":"/url","url":{},"resolve":true}]}`)
	engine := newEngine(t, policy, Options{Wanted: WantLifecycle | WantRefused})
	frame := strings.Replace(call(1, "x"), `"name":"x"`,
		`"name":"x","arguments":{"path":"/srv/a","url":"https://example.com/"}`, 1)
	for _, round := range []struct{ path, addresses, reason, check string }{
		{"/srv/b", "8.8.8.8", "", ""},
		{"/etc/shadow", "", "path_denied", "denied-path"},
		{"/srv/b", "127.0.0.1", "url_denied", "loopback"},
		{"/srv/b", "nowhere", "undecided", "answer"},
	} {
		recv(t, engine, Client, frame, at(0))
		var refusals []Event
		for _, asked := range []Question{{QuestionPath, "/srv/a", nil}, {QuestionName, "example.com", nil}} {
			said := events(t, engine)
			if len(said) != 1 || said[0].Ticket == 0 {
				refusals = append(refusals, said...)
				break
			}
			question := must(engine.Question(said[0].Ticket))
			if question.Kind != asked.Kind || question.Text != asked.Text || question.Message != nil {
				t.Fatalf("%+v", question)
			}
			text := round.path
			if asked.Kind == QuestionName {
				text = round.addresses
			}
			if !must(engine.Resolve(said[0].Ticket, text, at(0))) {
				t.Fatal("the ticket is unknown")
			}
		}
		if round.reason == "" {
			wants(t, sent(t, engine, ToServer), frame)
			recv(t, engine, Server, `{"jsonrpc":"2.0","id":1,"result":{}}`+"\n", at(0))
			sent(t, engine, ToClient)
		} else {
			holds(t, sent(t, engine, ToClient), `"`+round.reason+`"`, `"check":"`+round.check+`"`)
			refusals = append(refusals, events(t, engine)...)
			if len(refusals) != 1 || refusals[0].Check.String() != round.check {
				t.Fatalf("%+v", refusals)
			}
		}
	}
}
