// Command portcullis-replay feeds a recorded transcript to an engine, and writes down what left it
// and what was decided. The hosts of all languages write the same bytes.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	portcullis "portcullis.dev/go"
	"portcullis.dev/go/transcript"
)

const usage = `Usage: portcullis-replay POLICY.json TRANSCRIPT OUTDIR

Feeds TRANSCRIPT to an engine with this policy, and writes what each receiver gets into
OUTDIR/client, OUTDIR/server and OUTDIR/noise, and one line for each event into OUTDIR/events.
`

func main() {
	if len(os.Args) == 2 && (os.Args[1] == "--help" || os.Args[1] == "-h") {
		fmt.Print(usage)
		return
	}
	if len(os.Args) != 4 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := replay(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "portcullis-replay:", err)
		os.Exit(1)
	}
}

// wallOrigin is added to a transcript's times: the calendar's time is never that of the machine.
const wallOrigin = 1_795_000_000_000

func at(monotonic uint64) portcullis.Time {
	return portcullis.Time{Monotonic: monotonic, Wall: wallOrigin + monotonic}
}

func replay(policyFile, transcriptFile, directory string) (err error) {
	json, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	policy, err := portcullis.NewPolicy(json)
	if err != nil {
		return fmt.Errorf("%s: %w", policyFile, err)
	}
	defer policy.Close()
	file, err := os.Open(transcriptFile)
	if err != nil {
		return err
	}
	defer file.Close()
	ledger, err := portcullis.NewLedger()
	if err != nil {
		return err
	}
	defer ledger.Close()
	engine, err := portcullis.NewEngine(policy, &portcullis.Options{
		Wanted: portcullis.WantAll,
		Ledger: ledger,
		Clock:  func() portcullis.Time { return at(0) },
	})
	if err != nil {
		return err
	}
	defer engine.Close()
	out, err := create(directory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	player := &player{engine: engine, out: out}
	if err := player.introduce(); err != nil {
		return err
	}
	reader := transcript.NewReader(file)
	for {
		record, err := reader.Next()
		if err != nil || record == nil {
			return wrap(transcriptFile, err)
		}
		if err := player.play(record); err != nil {
			return fmt.Errorf("%s: record at byte %d: %w", transcriptFile, record.Offset, err)
		}
	}
}

func wrap(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file, err)
}

// output is the files of a replay, by their names.
type output struct {
	receivers [3]*bufio.Writer
	events    *bufio.Writer
	files     []*os.File
}

func create(directory string) (*output, error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	out := &output{}
	make := func(name string) (*bufio.Writer, error) {
		file, err := os.Create(filepath.Join(directory, name))
		if err != nil {
			return nil, err
		}
		out.files = append(out.files, file)
		return bufio.NewWriter(file), nil
	}
	var err error
	for to := range out.receivers {
		if out.receivers[to], err = make(portcullis.Receiver(to).String()); err != nil {
			return nil, errors.Join(err, out.close())
		}
	}
	if out.events, err = make("events"); err != nil {
		return nil, errors.Join(err, out.close())
	}
	return out, nil
}

func (out *output) close() error {
	var err error
	for _, writer := range append(out.receivers[:], out.events) {
		if writer != nil {
			err = errors.Join(err, writer.Flush())
		}
	}
	for _, file := range out.files {
		err = errors.Join(err, file.Close())
	}
	return err
}
