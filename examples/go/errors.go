package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"errors"
	"unsafe"
)

// What errors.Is finds in the errors of this package.
var (
	// ErrBadNumber: a number names nothing, such as a side that does not exist.
	ErrBadNumber error = StatusBadNumber
	// ErrBadABI: this package was compiled with the header of another library.
	ErrBadABI error = StatusBadABI
	// ErrNotLent: more was taken or filled in than was on loan.
	ErrNotLent error = StatusNotLent
	// ErrBadConfig: a configuration or a limit is refused. The error is a [*ConfigError].
	ErrBadConfig error = StatusBadConfig
	// ErrBadUTF8: a text is not UTF-8.
	ErrBadUTF8 error = StatusBadUTF8
	// ErrTooSmall: a buffer is too small for what has to be written into it.
	ErrTooSmall error = StatusTooSmall
	// ErrPoisoned: a call met a defect of the library, this one or an earlier one; close the value,
	// and end the session.
	ErrPoisoned error = StatusPoisoned

	// ErrClosed: the value was closed, or was never made.
	ErrClosed = errors.New("portcullis: closed")
	// ErrFinished: the session is over for this side; nothing is taken from it any more.
	ErrFinished = errors.New("portcullis: the session takes no more from this side")
)

// Error gives a few words of English.
func (number Status) Error() string { return "portcullis: " + number.String() }

// String gives the words that [Status.Error] gives, without the name of this package.
func (number Status) String() string {
	return C.GoString(C.portcullis_status_str(C.uint32_t(number)))
}

// Is makes a call that met a defect an [ErrPoisoned], as all calls after it are.
func (number Status) Is(target error) bool {
	return number == StatusPanicked && target == ErrPoisoned
}

// ConfigError says what is wrong with a configuration or a limit, and how to mend it.
type ConfigError struct {
	// Message is English, and quotes no value of the configuration.
	Message string
}

// Error gives the message.
func (e *ConfigError) Error() string { return "portcullis: " + e.Message }

// Unwrap makes it an [ErrBadConfig].
func (e *ConfigError) Unwrap() error { return ErrBadConfig }

// SinkError says that a writer of [Engine.SetSink] failed. What it did not write stays in the
// engine.
type SinkError struct {
	// To is whose sink it was.
	To Receiver
	// Err is what it said.
	Err error
}

// Error names the receiver.
func (e *SinkError) Error() string {
	return "portcullis: writing to " + e.To.String() + ": " + e.Err.Error()
}

// Unwrap gives what the writer said.
func (e *SinkError) Unwrap() error { return e.Err }

// failed turns a status into an error, or nil.
func failed(status C.uint32_t) error { return Status(status).err() }

func (number Status) err() error {
	if number == StatusOK {
		return nil
	}
	return number
}

// messageBytes are enough for most messages; longer ones are cut.
const messageBytes = 1024

// explained is failed with the message that came with it.
func explained(status C.uint32_t, message *[messageBytes]C.char) error {
	if status == C.PORTCULLIS_STATUS_BAD_CONFIG {
		return &ConfigError{Message: C.GoString(&message[0])}
	}
	return failed(status)
}

// lent copies a text that the library lends.
func lent(text *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(length)))
}

// chars and octets lend bytes to the library for the time of a call.
func chars(text []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), C.size_t(len(text))
}

func octets(bytes []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(bytes))), C.size_t(len(bytes))
}
