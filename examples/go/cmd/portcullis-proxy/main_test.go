//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// asProxy, in the environment, makes this program the proxy.
const asProxy = "PORTCULLIS_TEST_PROXY"

func TestMain(m *testing.M) {
	if os.Getenv(asProxy) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// run gives what a proxy says to this input, and its exit status.
func run(t *testing.T, input string, arguments ...string) (stdout, stderr string, status int) {
	t.Helper()
	command := exec.Command(os.Args[0], arguments...)
	command.Env = append(os.Environ(), asProxy+"=1")
	var out, errs bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// server answers one request, says what is no message, and exits with 7.
const server = `read -r line
echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"got\":${#line}}}"
echo noise
echo errors >&2
exit 7`

const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

func TestProxyCarriesASession(t *testing.T) {
	stdout, stderr, status := run(t, ping+"\n", "--", "sh", "-c", server)
	if stdout != `{"jsonrpc":"2.0","id":1,"result":{"got":40}}`+"\n" || status != 7 {
		t.Fatalf("%q, %q, %d", stdout, stderr, status)
	}
	if !strings.Contains(stderr, "noise\n") || !strings.Contains(stderr, "errors\n") {
		t.Fatalf("%q", stderr)
	}
}

func TestProxyJudgesByItsPolicy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(file, []byte(`{"tools":{"deny":["rm"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	denied := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm"}}` + "\n"
	stdout, stderr, status := run(t, denied, "--policy", file, "cat")
	if !strings.Contains(stdout, `"tool_denied"`) || stderr != "" || status != 0 {
		t.Fatalf("%q, %q, %d", stdout, stderr, status)
	}
}

func TestExitStatusTellsWhoFailed(t *testing.T) {
	directory := t.TempDir()
	bad := filepath.Join(directory, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"no_such_key":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		status    int
		says      string
		arguments []string
	}{
		{0, "", []string{"true"}},
		{128 + int(syscall.SIGUSR1), "", []string{"sh", "-c", "kill -USR1 $$"}},
		{125, bad, []string{"--policy", bad, "cat"}},
		{125, "missing.json", []string{"--policy", "missing.json", "cat"}},
		{125, "COMMAND", nil},
		{126, directory, []string{directory}},
		{127, "no-such-command", []string{"no-such-command"}},
	} {
		stdout, stderr, status := run(t, "", want.arguments...)
		if status != want.status || !strings.Contains(stderr, want.says) || stdout != "" {
			t.Errorf("%q: %q, %q, %d", want.arguments, stdout, stderr, status)
		}
	}
	if stdout, _, status := run(t, "", "--help"); status != 0 || stdout != usage {
		t.Errorf("%q, %d", stdout, status)
	}
}

func TestServerThatIgnoresTheEndIsEnded(t *testing.T) {
	_, _, status := run(t, "", "sh", "-c", "trap '' HUP; sleep 600")
	if status != 128+int(syscall.SIGTERM) {
		t.Fatal(status)
	}
}
