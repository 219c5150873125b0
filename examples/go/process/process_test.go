//go:build unix

package process

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// enough is when a test that should have ended by itself is called hung.
const enough = 20 * time.Second

// child, in the environment, has this program start a server, say so, and wait to be killed.
const child = "PORTCULLIS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		CloseOnExec()
		server, err := Start("/bin/sh", "-c", stubborn)
		if err != nil {
			panic(err)
		}
		_, _ = io.Copy(os.Stdout, server.Stdout)
		return
	}
	os.Exit(m.Run())
}

// stubborn ignores what it can, has a child that does, and says who they are.
const stubborn = `trap '' TERM HUP INT
sleep 600 &
echo $! $$
while :; do sleep 600; done`

func launch(t *testing.T, script string) *Server {
	t.Helper()
	server, err := Start("/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Signal(syscall.SIGKILL)
		waitFor(t, server.Exited)
	})
	return server
}

func waitFor(t *testing.T, exited <-chan struct{}) {
	t.Helper()
	select {
	case <-exited:
	case <-time.After(enough):
		t.Fatal("it did not end")
	}
}

// pids reads a line of process numbers.
func pids(t *testing.T, r io.Reader) []int {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for _, field := range strings.Fields(line) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pid)
	}
	return all
}

// gone waits until none of them runs: the kernel delivers a SIGKILL in its own time.
func gone(t *testing.T, pids []int) {
	t.Helper()
	deadline := time.Now().Add(enough)
	for _, pid := range pids {
		for runs(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("%d still runs", pid)
			}
		}
	}
}

// runs says whether a process does; a zombie, which waits for its parent, does not.
func runs(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		_, statErr := os.Stat("/proc/self/stat")
		return statErr != nil && syscall.Kill(pid, 0) == nil
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestStatusIsTheServers(t *testing.T) {
	for script, status := range map[string]int{
		"exit 0": 0, "exit 7": 7, "kill -TERM $$": 143, "kill -KILL $$": 137,
	} {
		server := launch(t, script)
		waitFor(t, server.Exited)
		if server.Status() != status {
			t.Errorf("%s: %d", script, server.Status())
		}
	}
}

func TestServerThatCannotBeStarted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, status := range map[string]int{
		"no-such-command-anywhere": NotFound, file + "-not": NotFound, file: NotExecutable,
		filepath.Dir(file): NotExecutable,
	} {
		_, err := Start(command)
		if err == nil || StatusOf(err) != status {
			t.Errorf("%s: %d, %v", command, StatusOf(err), err)
		}
	}
	if StatusOf(errors.New("anything else")) != Failed {
		t.Error("what is unknown is ours")
	}
}

func TestBytesArriveAfterTheEnd(t *testing.T) {
	server := launch(t, "read line; echo $line; echo errors >&2; exit 3")
	if _, err := io.WriteString(server.Stdin, "hello\n"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, server.Exited)
	for reader, want := range map[io.Reader]string{
		server.Stdout: "hello\n", server.Stderr: "errors\n",
	} {
		if got, err := io.ReadAll(reader); string(got) != want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestAPipeEndsWithItsServerWhoeverHoldsIt(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("no setsid here")
	}
	server := launch(t, setsid+" sleep 600 & echo $! before; exit 0")
	got, err := io.ReadAll(server.Stdout)
	if err != nil || !strings.HasSuffix(string(got), " before\n") {
		t.Fatalf("%q, %v", got, err)
	}
	waitFor(t, server.Exited)
	pid, err := strconv.Atoi(strings.Fields(string(got))[0])
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // It left the group, so it is this test's to end.
}

func TestWhatTheServerLeftIsKilled(t *testing.T) {
	server := launch(t, "sleep 600 & echo $!; exit 0")
	left := pids(t, server.Stdout)
	waitFor(t, server.Exited)
	gone(t, left)
}

func TestStubbornServerIsKilled(t *testing.T) {
	server := launch(t, stubborn)
	group := pids(t, server.Stdout)
	server.Signal(syscall.SIGTERM)
	select {
	case <-server.Exited:
		t.Fatal("it was not stubborn")
	default:
	}
	server.Signal(syscall.SIGKILL)
	waitFor(t, server.Exited)
	gone(t, group)
	if server.Status() != 137 {
		t.Fatal(server.Status())
	}
	server.Signal(syscall.SIGKILL) // Nobody is hit.
}

func TestNothingOutlivesUs(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self)
	command.Env = append(os.Environ(), child+"=1")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	group := pids(t, stdout)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	gone(t, group)
}

func TestNoDescriptorLeaks(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no /proc here")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	inherited, err := syscall.Dup(int(read.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(inherited)
	CloseOnExec()
	server := launch(t, "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done")
	got, err := io.ReadAll(server.Stdout)
	if err != nil || strings.Fields(string(got))[0] != "0" {
		t.Fatalf("%q, %v", got, err)
	}
	for _, number := range strings.Fields(string(got)) {
		if number == strconv.Itoa(inherited) || len(strings.Fields(string(got))) > 4 {
			t.Fatalf("the server has %q", got)
		}
	}
}
