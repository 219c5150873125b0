//go:build unix

package process

import "time"

// Leave is the way out as a schedule. Clients close our input, wait two seconds, and then send
// SIGTERM; so everything fits into less.
//
//	0 s    last answers go out, the server's input is closed
//	1 s    Term: SIGTERM to the server's group
//	1.6 s  Kill: SIGKILL to the group
//	1.9 s  Go: we go, whatever still waits for a reader
//
// Each step is a channel that fires once, after it has begun. The zero value has not.
type Leave struct {
	Term, Kill, Go <-chan time.Time
}

// Begin starts the clock of the server's processes: its side is over. The client may read at its
// leisure. The second time nothing happens.
func (l *Leave) Begin() {
	if l.Term == nil {
		l.Term = time.After(1000 * time.Millisecond)
		l.Kill = time.After(1600 * time.Millisecond)
	}
}

// BeginLimited starts our own clock, too: the client's side is over.
func (l *Leave) BeginLimited() {
	l.Begin()
	if l.Go == nil {
		l.Go = time.After(1900 * time.Millisecond)
	}
}
