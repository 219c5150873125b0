package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, directory, name, text string) string {
	t.Helper()
	file := filepath.Join(directory, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func recv(side string, time int, bytes string) string {
	return fmt.Sprintf("recv %s %d %d\n%s\n", side, time, len(bytes), bytes)
}

func call(id int, tool string) string {
	const form = `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s"}}` + "\n"
	return fmt.Sprintf(form, id, tool)
}

func TestReplayWritesWhatLeftAndWhy(t *testing.T) {
	directory := t.TempDir()
	policy := write(t, directory, "policy.json", `{"tools":{"ask":["deploy"]}}`)
	answer := `{"jsonrpc":"2.0","id":1,"result":{}}` + "\n"
	transcript := write(t, directory, "transcript",
		recv("client", 1, call(1, "deploy")+call(2, "deploy"))+"tick 2\n"+
			recv("server", 3, "noise\n"+answer)+"close client 4\nclose server 5\n")
	if err := replay(policy, transcript, directory); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if read("server") != call(1, "deploy") || read("noise") != "noise\n" {
		t.Errorf("%q, %q", read("server"), read("noise"))
	}
	client := read("client")
	if !strings.HasSuffix(client, answer) || !strings.Contains(client, "approval_denied") {
		t.Errorf("%q", client)
	}
	events := strings.SplitAfter(read("events"), "\n")
	want := "lifecycle\tserver\tnone\tintroduced\t0\t7\t7265706c6179\t-\t-\t-\t-\t0\t0\t0\t" +
		"0000000000000000\t-\t0\t0\t1795000000000\n"
	if events[1] != want {
		t.Errorf("%q", events[1])
	}
	asked := 0
	for _, line := range events {
		if strings.Contains(line, "\tapproval_asked\t") {
			asked++
			if !strings.Contains(line, fmt.Sprintf("\t-\t%d\t1\t1795000000001\n", asked)) {
				t.Errorf("%q", line)
			}
		}
	}
	if asked != 2 {
		t.Errorf("%d tickets", asked)
	}
}

func TestReplayNamesWhatIsWrong(t *testing.T) {
	directory := t.TempDir()
	good := write(t, directory, "good.json", "{}")
	bad := write(t, directory, "bad.json", "{")
	empty := write(t, directory, "empty", "")
	odd := write(t, directory, "odd", "tick 1\nwhat\n")
	out := filepath.Join(directory, "out")
	if err := replay(bad, empty, out); err == nil || !strings.Contains(err.Error(), bad) {
		t.Error(err)
	}
	err := replay(good, odd, out)
	if err == nil || !strings.Contains(err.Error(), odd+": record 2 at byte 7") {
		t.Error(err)
	}
}
