package portcullis

/*
#include <portcullis.h>
*/
import "C"

import "time"

// Limits are the limits of one engine. Take [DefaultLimits], then change what differs. A number
// outside of its range, which stands behind each default, is refused by [NewEngine] by name.
type Limits struct {
	// FrameBytesMax is the longest frame in bytes, without its newline, by the side that sends it.
	// 16 MiB; 4 KiB to 1 GiB.
	FrameBytesMax [2]uint32
	// FrameDepthMax is the deepest nesting of a frame. 128; 8 to 128.
	FrameDepthMax uint32
	// IDBytesMax is the longest id in bytes, as it is spelled. 256; 16 to 4,096.
	IDBytesMax uint32
	// MembersMax are the most members of an object that a decision reads. 1,024; 16 to 65,536.
	MembersMax uint32
	// RequestsOpenMax are the most open requests in each direction. 16,384; 1 to 1,048,576.
	RequestsOpenMax uint32
	// AnswersOwedMax are the most refusals that one side is owed before its lane waits. 64; 1 to
	// 4,096.
	AnswersOwedMax uint32
	// BatchWindow is how many requests of one batch are open at once; 0 for as many as there are
	// slots. 100.
	BatchWindow uint32
	// BatchesMax are the batches at work in each direction. 4; 1 to 64.
	BatchesMax uint32
	// TicketsMax are the calls that wait for a ticket, in each direction. 16; 1 to 1,024.
	TicketsMax uint32
	// EventsMax are the events kept until the host collects them. 64; 8 to 4,096.
	EventsMax uint32
	// RefusedInARowMax are the refused frames in a row that end a session. 1,000; 1 to 1,000,000.
	RefusedInARowMax uint32
	// IDsTakenMax are the ids of cancelled or timed-out requests that stay taken. 256; 1 to 65,536.
	IDsTakenMax uint32
	// ListensMax are the requests that may stay open for good (subscriptions/listen). 256; 1 to
	// 65,536.
	ListensMax uint32
	// SealsMax are the sealed secrets that a session keeps. 64; 0 to 4,096.
	SealsMax uint32
	// FrameTime is how long the beginning of a client's frame may wait for its end. 0, the default:
	// for ever. A host of many clients wants one, such as 30 s. At most a day.
	FrameTime time.Duration
	// TicketTime is how long until an unanswered ticket is a no. 45 s; 1 ms to a day.
	TicketTime time.Duration
	// IDTakenTime is how long the id of a request that ended without its answer stays taken. 300 s;
	// 1 ms to a day.
	IDTakenTime time.Duration
}

// DefaultLimits suit one client and one server.
func DefaultLimits() Limits {
	c := C.portcullis_limits{struct_size: C.sizeof_portcullis_limits}
	if status := C.portcullis_limits_default(&c); status != C.PORTCULLIS_STATUS_OK {
		panic("the size and the place of the struct are right: " + Status(status).Error())
	}
	return Limits{
		FrameBytesMax:    [2]uint32{uint32(c.frame_bytes_max[0]), uint32(c.frame_bytes_max[1])},
		FrameDepthMax:    uint32(c.frame_depth_max),
		IDBytesMax:       uint32(c.id_bytes_max),
		MembersMax:       uint32(c.members_max),
		RequestsOpenMax:  uint32(c.requests_open_max),
		AnswersOwedMax:   uint32(c.answers_owed_max),
		BatchWindow:      uint32(c.batch_window),
		BatchesMax:       uint32(c.batches_max),
		TicketsMax:       uint32(c.tickets_max),
		EventsMax:        uint32(c.events_max),
		RefusedInARowMax: uint32(c.refused_in_a_row_max),
		IDsTakenMax:      uint32(c.ids_taken_max),
		ListensMax:       uint32(c.listens_max),
		SealsMax:         uint32(c.seals_max),
		FrameTime:        time.Duration(c.frame_ms_max) * time.Millisecond,
		TicketTime:       time.Duration(c.ticket_ms) * time.Millisecond,
		IDTakenTime:      time.Duration(c.id_taken_ms) * time.Millisecond,
	}
}

// MemoryMax is the most bytes of memory that an engine with these limits ever takes. A bound for
// the worst case, far above what sessions use.
func (l *Limits) MemoryMax() (uint64, error) {
	c := l.c()
	var bytes C.uint64_t
	err := failed(C.portcullis_limits_memory_max(&c, &bytes))
	return uint64(bytes), err
}

func (l *Limits) c() C.portcullis_limits {
	return C.portcullis_limits{
		struct_size: C.sizeof_portcullis_limits,
		frame_bytes_max: [2]C.uint32_t{
			C.uint32_t(l.FrameBytesMax[0]), C.uint32_t(l.FrameBytesMax[1]),
		},
		frame_depth_max:      C.uint32_t(l.FrameDepthMax),
		id_bytes_max:         C.uint32_t(l.IDBytesMax),
		members_max:          C.uint32_t(l.MembersMax),
		requests_open_max:    C.uint32_t(l.RequestsOpenMax),
		answers_owed_max:     C.uint32_t(l.AnswersOwedMax),
		batch_window:         C.uint32_t(l.BatchWindow),
		batches_max:          C.uint32_t(l.BatchesMax),
		tickets_max:          C.uint32_t(l.TicketsMax),
		events_max:           C.uint32_t(l.EventsMax),
		refused_in_a_row_max: C.uint32_t(l.RefusedInARowMax),
		ids_taken_max:        C.uint32_t(l.IDsTakenMax),
		listens_max:          C.uint32_t(l.ListensMax),
		seals_max:            C.uint32_t(l.SealsMax),
		frame_ms_max:         millis(l.FrameTime),
		ticket_ms:            millis(l.TicketTime),
		id_taken_ms:          millis(l.IDTakenTime),
	}
}

// millis rounds up, so that what is not zero does not become "for ever"; a negative time is out of
// every range, and stays so.
func millis(duration time.Duration) C.uint64_t {
	return C.uint64_t((duration + time.Millisecond - 1) / time.Millisecond)
}
