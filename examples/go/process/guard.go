//go:build unix

package process

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// guard is a process that outlives us just long enough to kill what we started. It blocks on a pipe
// whose other end only we hold: however we end, also by SIGKILL, the kernel closes that end.
//
// It leads the group and kills the group that it is in, never one by number. So no number that was
// used again can be hit, and it is no good to the server to end it: that takes the whole group
// along.
type guard struct {
	command  *exec.Cmd
	lifeline *os.File
	group    int

	mu    sync.Mutex
	ended bool
}

// guardScript says when it is ready. A server may send its group what it likes; of what would end a
// shell, only SIGKILL cannot be ignored.
const guardScript = `trap '' HUP INT QUIT ABRT ALRM PIPE TERM USR1 USR2
echo
while read -r _; do :; done
kill -KILL 0`

func startGuard() (*guard, error) {
	watched, lifeline, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer watched.Close()
	word, said, err := os.Pipe()
	if err != nil {
		lifeline.Close()
		return nil, err
	}
	defer word.Close()
	command := exec.Command("/bin/sh", "-c", guardScript, "portcullis-guard")
	command.Env = []string{}
	command.Stdin, command.Stdout = watched, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = command.Start()
	said.Close()
	if err != nil {
		lifeline.Close()
		return nil, err
	}
	g := &guard{command: command, lifeline: lifeline, group: command.Process.Pid}
	if _, err := io.ReadFull(word, make([]byte, 1)); err != nil {
		g.end()
		return nil, errors.New("the guard did not start")
	}
	return g, nil
}

// signal reaches everybody in the group. An error means that nobody is left.
func (g *guard) signal(signal syscall.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		_ = syscall.Kill(-g.group, signal)
	}
}

// end kills who is left in the group, and reaps the guard; its number is free afterwards.
func (g *guard) end() {
	g.signal(syscall.SIGKILL)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.ended = true
		g.lifeline.Close()
		_ = g.command.Wait() // It was killed; nothing else is to be known of it.
	}
}
