//go:build unix

// Command portcullis-proxy stands between an MCP client, on its own standard input and output, and
// an MCP server that it starts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	portcullis "portcullis.dev/go"
	"portcullis.dev/go/process"
)

const usage = `Usage: portcullis-proxy [--policy FILE] [--] COMMAND [ARG...]

Guards an MCP server: starts COMMAND, and relays between it and the MCP client on standard input and
output. FILE is a policy in JSON; without it the default policy decides.

The exit status is the server's, 128 and its signal, or
  125  the proxy failed
  126  COMMAND cannot be executed
  127  COMMAND was not found
`

func main() {
	process.CloseOnExec()
	policyFile, command := arguments()
	policy, err := readPolicy(policyFile)
	if err != nil {
		fail(process.Failed, err)
	}
	status, err := proxy(policy, command)
	if err != nil {
		fail(status, err)
	}
	os.Exit(status)
}

func arguments() (string, []string) {
	flags := flag.NewFlagSet("portcullis-proxy", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	policyFile := flags.String("policy", "", "")
	err := flags.Parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
		os.Exit(0)
	case err == nil && flags.NArg() == 0:
		err = errors.New("no COMMAND is given; see --help")
	}
	if err != nil {
		fail(process.Failed, err)
	}
	return *policyFile, flags.Args()
}

func readPolicy(file string) (*portcullis.Policy, error) {
	if file == "" {
		return portcullis.NewPolicy(nil)
	}
	json, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(json) == 0 {
		return nil, fmt.Errorf("%s: is empty", file)
	}
	policy, err := portcullis.NewPolicy(json)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return policy, nil
}

// proxy runs one session; the exit status, and what we failed with.
func proxy(policy *portcullis.Policy, command []string) (int, error) {
	engine, err := portcullis.NewEngine(policy, nil)
	if err != nil {
		return process.Failed, err
	}
	redactor, err := portcullis.NewRedactor(policy)
	if err != nil {
		return process.Failed, err
	}
	// Before the server starts, so that no signal ends us without it. SIGPIPE is among them, lest Go
	// end us when a write to standard output fails.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	server, err := process.Start(command[0], command[1:]...)
	if err != nil {
		return process.StatusOf(err), err
	}
	left := make(chan portcullis.Side, 2)
	stderr := &sharedWriter{to: os.Stderr}
	session := &portcullis.Session{
		Engine: engine,
		Client: portcullis.Peer{From: os.Stdin, To: os.Stdout},
		Server: portcullis.Peer{From: server.Stdout, To: server.Stdin},
		Noise:  stderr,
		Left:   func(side portcullis.Side) { left <- side },
	}
	over := make(chan error, 1)
	go func() { over <- session.Run(context.Background()) }()
	said := make(chan struct{})
	go func() { defer close(said); relayErrors(redactor, stderr, server.Stderr) }()
	err = relay(session, server, signals, left, over, said)
	return server.Status(), err
}

// relay waits until the session is over, its server has ended, and its last words were said.
func relay(
	session *portcullis.Session, server *process.Server, signals <-chan os.Signal,
	left <-chan portcullis.Side, over <-chan error, said <-chan struct{},
) error {
	var leave process.Leave
	var failed error
	exited, told := server.Exited, false
	for over != nil || exited != nil || said != nil {
		select {
		case failed = <-over:
			over = nil
			_ = server.Stdin.Close()
			leave.BeginLimited()
		case <-exited:
			exited = nil
		case <-said:
			said = nil
		case side := <-left:
			leave.Begin()
			if side == portcullis.Client {
				leave.BeginLimited()
			}
		case <-signals:
			if told {
				server.Signal(syscall.SIGKILL)
			} else if err := session.Drain(drainTime); err != nil {
				server.Signal(syscall.SIGKILL)
			}
			told = true
			leave.BeginLimited()
		case <-leave.Term:
			server.Signal(syscall.SIGTERM)
		case <-leave.Kill:
			server.Signal(syscall.SIGKILL)
		case <-leave.Go:
			server.Signal(syscall.SIGKILL)
			<-server.Exited
			return failed
		}
	}
	return failed
}

// drainTime is how long open requests may still be answered after a signal.
const drainTime = 1500 * time.Millisecond

// relayErrors brings the server's standard error to ours, without its secrets.
func relayErrors(redactor *portcullis.Redactor, to io.Writer, from io.Reader) {
	writer := redactor.Writer(to)
	// What cannot be redacted is dropped; a server must not hang on its own errors.
	if _, err := io.Copy(writer, from); err != nil {
		_, _ = io.Copy(io.Discard, from)
	}
	_ = writer.Close()
}

// sharedWriter keeps the lines of two writers apart, and fails for neither.
type sharedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *sharedWriter) Write(bytes []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.to.Write(bytes)
	return len(bytes), nil
}

func fail(status int, err error) {
	fmt.Fprintf(os.Stderr, "portcullis-proxy: %v\n", err)
	os.Exit(status)
}
