//go:build unix

package process

import (
	"os"
	"strconv"
	"syscall"
)

// CloseOnExec marks every descriptor but 0, 1 and 2. Go's own are made so. But whoever started us
// may have left some open, a log or a socket, and they are none of the server's business. To be
// called before anything is started.
func CloseOnExec() {
	for _, directory := range []string{"/proc/self/fd", "/dev/fd"} {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if number, err := strconv.Atoi(entry.Name()); err == nil && number > 2 {
				syscall.CloseOnExec(number)
			}
		}
		return
	}
}
