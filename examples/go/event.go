package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"time"
	"unsafe"
)

// Time is a moment, as the host's clocks show it. The engine has no clock.
type Time struct {
	// Monotonic is in milliseconds since an origin that the host chooses; it never goes backwards.
	Monotonic uint64
	// Wall is in milliseconds since 1970-01-01T00:00:00Z, for stamps in events.
	Wall uint64
}

// origin is that of SystemTime, one for all engines: those that share a ledger share its clock.
var origin = time.Now()

// SystemTime reads the clocks of this machine.
func SystemTime() Time {
	now := time.Now()
	return Time{Monotonic: uint64(now.Sub(origin).Milliseconds()), Wall: uint64(now.UnixMilli())}
}

// Plus gives a moment in monotonic milliseconds, so much later.
func (t Time) Plus(duration time.Duration) uint64 { return t.Monotonic + uint64(millis(duration)) }

func (t Time) c() C.portcullis_time {
	return C.portcullis_time{monotonic_ms: C.uint64_t(t.Monotonic), wall_ms: C.uint64_t(t.Wall)}
}

// labelBytes is the size of a label's text, with room for a NUL.
const labelBytes = 64

// Label is a short text out of a peer's message: never trust it, and escape it where it is shown.
type Label struct {
	text [labelBytes]byte
	len  uint8
	cut  bool
}

// String gives the text, UTF-8 of at most 62 bytes.
func (l *Label) String() string { return string(l.Bytes()) }

// Bytes gives the text without a copy.
func (l *Label) Bytes() []byte { return l.text[:l.len] }

// Cut says whether the text was longer and is cut, at a character.
func (l *Label) Cut() bool { return l.cut }

func (l *Label) set(c *C.portcullis_label) {
	l.text = *(*[labelBytes]byte)(unsafe.Pointer(&c.text))
	l.len = uint8(min(int(c.len), labelBytes))
	l.cut = c.cut != 0
}

// Event is one fact for the audit log. Names, lengths and reasons; never content.
type Event struct {
	// Kind is what kind of fact.
	Kind EventKind
	// From is who sent the frame.
	From Side
	// Message is what the frame was.
	Message Message
	// Reason is why; 0 for a frame that passed as it came.
	Reason Reason
	// Code is the JSON-RPC error code that goes with the reason; 0 if there is none.
	Code int
	// Time is when it was decided.
	Time Time
	// Session is the host's number for this session, from [Engine.Facts].
	Session uint64
	// BytesIn is the length of the frame as it came, without its newline.
	BytesIn uint64
	// BytesOut is the length of the frame as it leaves; 0 if it does not.
	BytesOut uint64
	// Count is how many places were changed, or how many events this one stands for.
	Count uint64
	// IDDigest ties a request to its answer; 0 if there is no id.
	IDDigest uint64
	// Duration, for an answer, is milliseconds since its request was judged; else [Never].
	Duration uint64
	// Ticket is to be answered with [Engine.Answer]; 0 if the host is asked nothing.
	Ticket uint64
	// Server is the server's name, from [Engine.Facts].
	Server Label
	// Method is the method; for a response that of its request.
	Method Label
	// Tool is the tool of a tools/call; for a response that of its request, and for the result of a
	// task that of the call that made it, where limits of tools ask for it.
	Tool Label
	// Rule is the rule that decided, if one did.
	Rule Label
	// Check is the check of that rule that refused, by its stable word, where a rule has several.
	Check Label
}

func (e *Event) set(c *C.portcullis_event) {
	e.Kind = EventKind(c.kind)
	e.From = Side(c.from)
	e.Message = Message(c.message)
	e.Reason = Reason(c.reason)
	e.Code = int(c.code)
	e.Time = Time{Monotonic: uint64(c.time.monotonic_ms), Wall: uint64(c.time.wall_ms)}
	e.Session = uint64(c.session)
	e.BytesIn = uint64(c.bytes_in)
	e.BytesOut = uint64(c.bytes_out)
	e.Count = uint64(c.count)
	e.IDDigest = uint64(c.id_digest)
	e.Duration = uint64(c.duration_ms)
	e.Ticket = uint64(c.ticket)
	e.Server.set(&c.server)
	e.Method.set(&c.method)
	e.Tool.set(&c.tool)
	e.Rule.set(&c.rule)
	e.Check.set(&c.check)
}

// Metrics are the counts of one engine. Pairs are by the side that sent: client, server.
type Metrics struct {
	// BytesIn were read.
	BytesIn [2]uint64
	// BytesOut were written, by the side that they went to.
	BytesOut [2]uint64
	// Frames were judged; members of a batch count one each.
	Frames [2]uint64
	// Passed are the frames that passed as they came.
	Passed [2]uint64
	// Changed are the frames that passed changed.
	Changed [2]uint64
	// Refused are the frames that were refused.
	Refused [2]uint64
	// Dropped are answers to nobody, late answers, and noise.
	Dropped [2]uint64
	// Edits are the places that were changed in frames.
	Edits uint64
	// RequestsOpen are in flight, by the side that asked.
	RequestsOpen [2]uint32
	// AnswersOwed are not written yet, by the side that asked.
	AnswersOwed [2]uint32
	// EventsDropped were dropped, if the host chose that.
	EventsDropped uint64
	// NoiseBytes are bytes of lines that are no messages.
	NoiseBytes uint64
	// NoiseBytesDropped are those of them that nobody took.
	NoiseBytesDropped uint64
	// MemoryBytes is what the engine holds besides itself.
	MemoryBytes uint64
}

func (m *Metrics) set(c *C.portcullis_metrics) {
	pair := func(pair [2]C.uint64_t) [2]uint64 { return [2]uint64{uint64(pair[0]), uint64(pair[1])} }
	half := func(pair [2]C.uint32_t) [2]uint32 { return [2]uint32{uint32(pair[0]), uint32(pair[1])} }
	*m = Metrics{
		BytesIn:           pair(c.bytes_in),
		BytesOut:          pair(c.bytes_out),
		Frames:            pair(c.frames),
		Passed:            pair(c.passed),
		Changed:           pair(c.changed),
		Refused:           pair(c.refused),
		Dropped:           pair(c.dropped),
		Edits:             uint64(c.edits),
		RequestsOpen:      half(c.requests_open),
		AnswersOwed:       half(c.answers_owed),
		EventsDropped:     uint64(c.events_dropped),
		NoiseBytes:        uint64(c.noise_bytes),
		NoiseBytesDropped: uint64(c.noise_bytes_dropped),
		MemoryBytes:       uint64(c.memory_bytes),
	}
}
