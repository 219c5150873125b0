//go:build unix

// Package process runs an MCP server as a child, so that nothing of it is left however we end.
//
//	us ---- lifeline ---> guard      leads the group; at the end of the lifeline it kills the group
//	  \                     |
//	   `- stdin, stdout, -> server   in the group of the guard, with whatever it starts
//	      stderr
//
// It never looks at what the pipes carry. A process that leaves its group on purpose is not
// followed.
package process

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// Exit statuses of a host that failed itself, as env(1) and timeout(1) have them.
const (
	// Failed: we failed.
	Failed = 125
	// NotExecutable: the command was found, and cannot be executed.
	NotExecutable = 126
	// NotFound: the command was not found.
	NotFound = 127
)

// Server is a child process in a group of its own.
type Server struct {
	// Stdin is what it reads. Close it once nothing more will come.
	Stdin io.WriteCloser
	// Stdout is what it writes; it ends when the server has ended, too, whoever else holds it.
	Stdout io.Reader
	// Stderr is the same for its standard error.
	Stderr io.Reader
	// Exited is closed once the server has ended and what it left in its group is killed.
	Exited <-chan struct{}

	command *exec.Cmd
	guard   *guard
}

// Start starts a command with its guard. The child has three descriptors: it inherits none that are
// marked by [CloseOnExec] or made by Go. Which exit status an error means, [StatusOf] knows.
func Start(name string, arguments ...string) (*Server, error) {
	guard, err := startGuard()
	if err != nil {
		return nil, err
	}
	server, err := start(guard, name, arguments)
	if err != nil {
		guard.end()
		return nil, err
	}
	return server, nil
}

func start(guard *guard, name string, arguments []string) (*Server, error) {
	command := exec.Command(name, arguments...)
	if errors.Is(command.Err, exec.ErrDot) {
		command.Err = nil // The user named the command; it is not ours to judge.
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: guard.group}

	// Pipes of our own: those of exec.Cmd are closed by Wait, with bytes in them.
	var theirs, ours [3]*os.File
	defer func() { closeAll(theirs[:]) }()
	for number := range ours {
		read, write, err := os.Pipe()
		if err != nil {
			closeAll(ours[:])
			return nil, err
		}
		theirs[number], ours[number] = read, write
		if number > 0 {
			theirs[number], ours[number] = write, read
		}
	}
	command.Stdin, command.Stdout, command.Stderr = theirs[0], theirs[1], theirs[2]
	if err := command.Start(); err != nil {
		closeAll(ours[:])
		return nil, err
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = command.Wait() // Its status is asked for later; all else that can fail is ours.
		guard.end()
		hurry(ours[1])
		hurry(ours[2])
	}()
	return &Server{
		Stdin:   ours[0],
		Stdout:  &leftover{file: ours[1]},
		Stderr:  &leftover{file: ours[2]},
		Exited:  exited,
		command: command,
		guard:   guard,
	}, nil
}

// Signal sends a signal to the group. The guard minds only SIGKILL.
func (s *Server) Signal(signal syscall.Signal) { s.guard.signal(signal) }

// Status is the server's exit status, 128 and its signal, or [Failed] if it has not ended.
func (s *Server) Status() int {
	select {
	case <-s.Exited:
	default:
		return Failed
	}
	if s.command.ProcessState == nil {
		return Failed // It could not be waited for.
	}
	state, known := s.command.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case known && state.Exited():
		return state.ExitStatus()
	case known && state.Signaled():
		return 128 + int(state.Signal())
	default:
		return Failed
	}
}

// StatusOf is the exit status for an error of [Start].
func StatusOf(err error) int {
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return NotFound
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOEXEC),
		errors.Is(err, syscall.EISDIR):
		return NotExecutable
	default:
		return Failed
	}
}

func closeAll(files []*os.File) {
	for _, file := range files {
		if file != nil {
			_ = file.Close()
		}
	}
}
