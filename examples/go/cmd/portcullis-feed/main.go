// Command portcullis-feed measures how fast bytes go through an engine by way of this package.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"syscall"
	"time"

	portcullis "portcullis.dev/go"
	"portcullis.dev/go/transcript"
)

const usage = `Usage: portcullis-feed TRANSCRIPT

For each line on standard input, feeds the bytes of TRANSCRIPT to a fresh engine, drops what leaves
it, and prints the nanoseconds that went by and those of processor time. With PORTCULLIS_FEED_PROFILE a CPU profile goes into that
file.
`

func main() {
	if len(os.Args) != 2 || os.Args[1] == "--help" || os.Args[1] == "-h" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "portcullis-feed:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	records, err := load(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	policy, err := portcullis.NewPolicy(nil)
	if err != nil {
		return err
	}
	defer policy.Close()
	if name := os.Getenv("PORTCULLIS_FEED_PROFILE"); name != "" {
		profile, err := os.Create(name)
		if err != nil {
			return err
		}
		defer profile.Close()
		if err := pprof.StartCPUProfile(profile); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		took, err := feed(policy, records)
		if err != nil {
			return err
		}
		if _, err := fmt.Println(took.elapsed.Nanoseconds(), took.processor.Nanoseconds()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func load(file string) ([]*transcript.Record, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	reader := transcript.NewReader(opened)
	var records []*transcript.Record
	for {
		record, err := reader.Next()
		if err != nil || record == nil {
			return records, err
		}
		if record.Verb != transcript.Recv {
			return nil, errors.New("a feed has records of bytes only")
		}
		records = append(records, record)
	}
}

// spent is what a pass took.
type spent struct {
	elapsed, processor time.Duration
}

// processorTime is what the process has computed so far, on all threads, the collector's too.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// pieceBytes is what is handed over at once at most: what one read of a pipe gives.
const pieceBytes = 64 << 10

// feed brings all records through a fresh engine. Its sinks drop what leaves, so a Write of an
// input has left the engine when it returns.
func feed(policy *portcullis.Policy, records []*transcript.Record) (spent, error) {
	computed, started := processorTime(), time.Now()
	engine, err := portcullis.NewEngine(policy, nil)
	if err != nil {
		return spent{}, err
	}
	defer engine.Close()
	for _, to := range []portcullis.Receiver{
		portcullis.ToClient, portcullis.ToServer, portcullis.ToNoise,
	} {
		if err := engine.SetSink(to, io.Discard); err != nil {
			return spent{}, err
		}
	}
	// A lane that stands fails loudly, rather than never.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	inputs := [2]*portcullis.Input{engine.Input(portcullis.Client), engine.Input(portcullis.Server)}
	var fed [2]uint64
	for _, record := range records {
		for bytes := record.Bytes; len(bytes) > 0; {
			piece := bytes[:min(len(bytes), pieceBytes)]
			if _, err := inputs[record.From].WriteContext(ctx, piece); err != nil {
				return spent{}, err
			}
			fed[record.From] += uint64(len(piece))
			bytes = bytes[len(piece):]
		}
	}
	took := spent{time.Since(started), processorTime() - computed}
	metrics, err := engine.Metrics()
	if err != nil {
		return spent{}, err
	}
	if metrics.BytesIn != fed {
		return spent{}, fmt.Errorf("of %d bytes %d were taken", fed, metrics.BytesIn)
	}
	return took, nil
}
