package portcullis

/*
#include <portcullis.h>
*/
import "C"

// Status says what a call of the C library gave. All but [StatusOK] are errors.
type Status uint32

const (
	// StatusOK: Done; the outputs were written.
	StatusOK Status = C.PORTCULLIS_STATUS_OK
	// StatusNull: A pointer that must not be NULL is.
	StatusNull Status = C.PORTCULLIS_STATUS_NULL
	// StatusBadNumber: A number names nothing: no such side, receiver, kind, answer, reason or index;
	// or a pointer is not aligned for its type.
	StatusBadNumber Status = C.PORTCULLIS_STATUS_BAD_NUMBER
	// StatusBadStructSize: struct_size is not the size of any version of the struct that this library
	// knows.
	StatusBadStructSize Status = C.PORTCULLIS_STATUS_BAD_STRUCT_SIZE
	// StatusBadABI: The header that the caller was compiled with has another ABI number than the
	// library.
	StatusBadABI Status = C.PORTCULLIS_STATUS_BAD_ABI
	// StatusNotLent: More was committed than is on loan, or the loan has ended: another call came
	// between.
	StatusNotLent Status = C.PORTCULLIS_STATUS_NOT_LENT
	// StatusBadConfig: The configuration or a limit is refused; the message says why and how to mend
	// it.
	StatusBadConfig Status = C.PORTCULLIS_STATUS_BAD_CONFIG
	// StatusBadUTF8: A text is not UTF-8.
	StatusBadUTF8 Status = C.PORTCULLIS_STATUS_BAD_UTF8
	// StatusTooSmall: The buffer is too small for what has to be written into it.
	StatusTooSmall Status = C.PORTCULLIS_STATUS_TOO_SMALL
	// StatusPanicked: This call met a defect of the library. The handle is poisoned: free it, and end
	// the session.
	StatusPanicked Status = C.PORTCULLIS_STATUS_PANICKED
	// StatusPoisoned: An earlier call met a defect of the library, and nothing is known of the handle
	// any more. It can only be freed.
	StatusPoisoned Status = C.PORTCULLIS_STATUS_POISONED
)
