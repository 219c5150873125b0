package portcullis

import "sync/atomic"

// handles counts what is alive, for the tests of Close and of the finalizers.
var handles census

type census struct {
	alive atomic.Int64
	// told, if set, is called after a handle was freed.
	told atomic.Pointer[func()]
}

func (c *census) made() { c.alive.Add(1) }

func (c *census) freed() {
	c.alive.Add(-1)
	if told := c.told.Load(); told != nil {
		(*told)()
	}
}
