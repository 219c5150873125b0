package portcullis

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestEveryExampleIsFoundWhereItStands(t *testing.T) {
	policy := newPolicy(t, "")
	finder := must(NewFinder(policy))
	defer finder.Close()
	made := 0
	for _, rule := range must(policy.Rules()) {
		example, err := finder.Example(rule.ID, 1)
		if err != nil || rule.Kind != RuleToken {
			continue
		}
		made++
		found := must(finder.Find([]byte(example.Text)))
		hit := false
		for _, match := range found {
			hit = hit || match.Start <= example.Start && match.End >= example.End
		}
		if !hit {
			t.Errorf("%s: %+v", rule.Name, found)
		}
		if again := must(finder.Example(rule.ID, 1)); again != example {
			t.Errorf("%s: the same seed gave another text", rule.Name)
		}
	}
	if made < 20 {
		t.Fatalf("only %d rules make up secrets", made)
	}
	if err := second(finder.Example(1<<30, 1)); !errors.Is(err, ErrBadNumber) {
		t.Fatal(err)
	}
}

func TestANameMayTell(t *testing.T) {
	finder := must(NewFinder(newPolicy(t, "")))
	defer finder.Close()
	named := must(finder.FindNamed("password", []byte("SECRET-1-SECRET-1")))
	if len(named) != 1 || !named[0].Plain {
		t.Fatalf("%+v", named)
	}
	for _, found := range [][]Match{
		must(finder.FindNamed("", []byte("SECRET-1-SECRET-1"))),
		must(finder.Find([]byte("SECRET-1-SECRET-1"))),
		must(finder.Find(nil)),
	} {
		if len(found) != 0 {
			t.Fatalf("%+v", found)
		}
	}
	if err := second(finder.FindNamed("\xff", nil)); !errors.Is(err, ErrBadUTF8) {
		t.Fatal(err)
	}
}

func TestWhatIsNotSeenIsFound(t *testing.T) {
	finder := must(NewFinder(newPolicy(t, "")))
	defer finder.Close()
	text := "a\u200bb\x1b[31m"
	found := must(finder.FindUnseen([]byte(text)))
	want := []Unseen{
		{Kind: UnseenZeroWidth, Start: 1, End: 4},
		{Kind: UnseenANSI, Start: 5, End: 10},
	}
	if len(found) != 2 || found[0] != want[0] || found[1] != want[1] {
		t.Fatalf("%+v", found)
	}
}

func TestRulesAndFaultsOfAPolicy(t *testing.T) {
	policy := newPolicy(t, `{"redaction":{"patterns":[
		{"name":"mine","type":"regex","pattern":"MINE-[0-9]{8}","replacement":"[\"]"},
		{"name":"broken","type":"regex","pattern":"("}]}}`)
	faults := must(policy.Faults())
	if len(faults) != 1 || faults[0].Name != "broken" || faults[0].Index != 1 ||
		faults[0].Reason == "" {
		t.Fatalf("%+v", faults)
	}
	for _, rule := range must(policy.Rules()) {
		if rule.Name == "mine" {
			if !rule.Custom || rule.Kind != RuleRegex || rule.Action != ActionRedact ||
				rule.Provider != "custom" || rule.Replacement != `["]` || rule.ReplacementJSON != `[\"]` {
				t.Fatalf("%+v", rule)
			}
			return
		}
	}
	t.Fatal("the host's own rule is not in force")
}

func TestSealsNeedTheirKey(t *testing.T) {
	rules := must(newPolicy(t, "").Rules())
	json := `{"redaction":{"rules":{"` + rules[0].Name + `":{"action":"seal","to":["db_*"]}}}}`
	if _, err := NewPolicy([]byte(json)); !errors.Is(err, ErrBadConfig) {
		t.Fatal(err)
	}
	policy, err := NewPolicy([]byte(json), WithSealKey(make([]byte, 32)))
	ok(t, err)
	ok(t, policy.Close())
}

func TestRedactorMindsNoPieces(t *testing.T) {
	policy := newPolicy(t, "")
	text, secret := example(t, policy, 2)
	whole := "before\n" + text + "\nafter"
	want := ""
	for _, size := range []int{len(whole), 1, 5} {
		redactor := must(NewRedactor(policy))
		var got bytes.Buffer
		writer := redactor.Writer(&got)
		for rest := whole; rest != ""; {
			count := min(size, len(rest))
			must(writer.Write([]byte(rest[:count])))
			rest = rest[count:]
		}
		ok(t, writer.Close())
		ok(t, redactor.Close())
		if want == "" {
			want = got.String()
		}
		wants(t, got.String(), want)
		if strings.Contains(want, secret) || !strings.HasSuffix(want, "after") {
			t.Fatalf("%q", want)
		}
	}
}

func TestNoticeIsALine(t *testing.T) {
	line := string(must(Notice(ReasonTooManySessions)))
	holds(t, line, `"too_many_sessions"`)
	if !strings.HasSuffix(line, "\n") {
		t.Fatalf("%q", line)
	}
}
