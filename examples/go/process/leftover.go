//go:build unix

package process

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// leftover reads a pipe of a server. Once the server has ended, it ends where the pipe is empty:
// others, who left the group, may hold it open for ever.
type leftover struct {
	file  *os.File
	ended bool
}

// hurry interrupts a read that waits, once the server has ended. A pipe has deadlines on every
// system that Go polls pipes on; elsewhere the read waits for whoever holds the pipe.
func hurry(file *os.File) { _ = file.SetReadDeadline(time.Unix(1, 0)) }

func (l *leftover) Read(buffer []byte) (int, error) {
	if !l.ended {
		count, err := l.file.Read(buffer)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return count, err
		}
		l.ended = true
		_ = l.file.SetReadDeadline(time.Time{})
	}
	return l.readNow(buffer)
}

// readNow reads what is there; nothing is the end.
func (l *leftover) readNow(buffer []byte) (int, error) {
	raw, err := l.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var count int
	var said error
	err = raw.Read(func(descriptor uintptr) bool {
		for {
			count, said = syscall.Read(int(descriptor), buffer)
			if said != syscall.EINTR {
				return true
			}
		}
	})
	switch {
	case err != nil:
		return 0, err
	case said == syscall.EAGAIN, said == nil && count == 0:
		return 0, io.EOF
	case said != nil:
		return 0, said
	default:
		return count, nil
	}
}
