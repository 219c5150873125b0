// Package transcript reads recorded sessions, as portcullis-replay and portcullis-feed take them: a
// sequence of records, each a line, and after "recv" so many bytes and a newline.
//
//	recv SIDE TIME LENGTH    bytes came from a side, at monotonic milliseconds
//	close SIDE TIME          a side will send no more
//	tick TIME                nothing happened, but time went on
package transcript

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	portcullis "portcullis.dev/go"
)

// Verb is what a record is for.
type Verb int

const (
	// Recv hands over bytes.
	Recv Verb = iota
	// Close ends a side.
	Close
	// Tick says what time it is.
	Tick
)

// Record is one step of a session.
type Record struct {
	// Verb is what it is for.
	Verb Verb
	// From is the side, but for Tick.
	From portcullis.Side
	// Time is in monotonic milliseconds.
	Time uint64
	// Bytes are those of Recv.
	Bytes []byte
	// Offset is where the record begins, in bytes.
	Offset int64
}

// bytesMax bounds what one record may have us take from memory at once.
const bytesMax = 1 << 31

// Reader reads records.
type Reader struct {
	from   *bufio.Reader
	offset int64
	line   int
}

// NewReader reads from the beginning of a transcript.
func NewReader(r io.Reader) *Reader { return &Reader{from: bufio.NewReaderSize(r, 64<<10)} }

// Next gives the next record, or nil at the end. An error names its line and offset; lines of
// records are counted, those in their bytes are not.
func (r *Reader) Next() (*Record, error) {
	line, err := r.from.ReadString('\n')
	if err == io.EOF && line == "" {
		return nil, nil
	}
	r.line++
	record := &Record{Offset: r.offset}
	r.offset += int64(len(line))
	if err == nil {
		err = r.parse(strings.TrimSuffix(line, "\n"), record)
	}
	if err != nil {
		return nil, fmt.Errorf("record %d at byte %d: %w", r.line, record.Offset, unended(err))
	}
	return record, nil
}

func (r *Reader) parse(line string, record *Record) error {
	fields := strings.Split(line, " ")
	var err error
	switch {
	case fields[0] == "recv" && len(fields) == 4:
		record.Verb = Recv
		var length uint64
		if length, err = strconv.ParseUint(fields[3], 10, 64); err == nil && length >= bytesMax {
			err = errors.New("the record is too long")
		}
		if err != nil {
			return err
		}
		record.Bytes = make([]byte, length)
		if err := r.bytes(record.Bytes); err != nil {
			return err
		}
		fields = fields[1:3]
	case fields[0] == "close" && len(fields) == 3:
		record.Verb = Close
		fields = fields[1:]
	case fields[0] == "tick" && len(fields) == 2:
		record.Verb = Tick
		record.Time, err = strconv.ParseUint(fields[1], 10, 64)
		return err
	default:
		return errors.New("not a record")
	}
	switch fields[0] {
	case portcullis.Client.String():
		record.From = portcullis.Client
	case portcullis.Server.String():
		record.From = portcullis.Server
	default:
		return errors.New("not a side")
	}
	record.Time, err = strconv.ParseUint(fields[1], 10, 64)
	return err
}

func (r *Reader) bytes(bytes []byte) error {
	if _, err := io.ReadFull(r.from, bytes); err != nil {
		return err
	}
	r.offset += int64(len(bytes)) + 1
	end, err := r.from.ReadByte()
	if err == nil && end != '\n' {
		err = errors.New("no newline behind the bytes")
	}
	return err
}

func unended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
