package portcullis

/*
#include <portcullis.h>
*/
import "C"

import "unsafe"

// Question is what a ticket asks, copied. It comes from a peer: never trust it, and escape it where
// it is shown.
type Question struct {
	// Kind is what is asked.
	Kind QuestionKind
	// Text is the name of the tool, whole; the path as the call gives it; or the name of a host.
	Text string
	// Message is, for a call, the message as it will leave, without its newline; nil if there is none
	// to be seen: a sealed secret was opened in it, which is for the tool alone.
	Message []byte
}

func (q *Question) set(c *C.portcullis_question) {
	q.Kind = QuestionKind(c.kind)
	q.Text = lent(c.text, c.text_len)
	q.Message = nil
	if c.message != nil {
		message := unsafe.Slice((*byte)(unsafe.Pointer(c.message)), int(c.message_len))
		q.Message = append([]byte{}, message...)
	}
}
