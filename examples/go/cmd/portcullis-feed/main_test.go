package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	portcullis "portcullis.dev/go"
)

func TestFeedTakesEveryByte(t *testing.T) {
	file := filepath.Join(t.TempDir(), "transcript")
	lines := strings.Repeat(`{"jsonrpc":"2.0","method":"notifications/a"}`+"\n", 10_000)
	text := fmt.Sprintf("recv client 0 %d\n%s\n", len(lines), lines) +
		fmt.Sprintf("recv server 1 %d\n%s\n", len(lines), lines)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	records, err := load(file)
	if err != nil || len(records) != 2 {
		t.Fatal(len(records), err)
	}
	policy, err := portcullis.NewPolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer policy.Close()
	if took, err := feed(policy, records); err != nil || took.elapsed <= 0 {
		t.Fatal(took, err)
	}
	if err := os.WriteFile(file, []byte("tick 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(file); err == nil {
		t.Fatal("a tick was taken for bytes")
	}
}
