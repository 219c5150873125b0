package transcript

import (
	"strings"
	"testing"

	portcullis "portcullis.dev/go"
)

func TestRecordsAreRead(t *testing.T) {
	reader := NewReader(strings.NewReader("recv client 5 3\na\nb\nrecv server 6 0\n\n" +
		"close server 7\ntick 18446744073709551615\n"))
	want := []Record{
		{Verb: Recv, From: portcullis.Client, Time: 5, Bytes: []byte("a\nb"), Offset: 0},
		{Verb: Recv, From: portcullis.Server, Time: 6, Bytes: []byte{}, Offset: 20},
		{Verb: Close, From: portcullis.Server, Time: 7, Offset: 37},
		{Verb: Tick, Time: 1<<64 - 1, Offset: 52},
	}
	for _, want := range want {
		got, err := reader.Next()
		if err != nil || got == nil {
			t.Fatal(got, err)
		}
		if got.Verb != want.Verb || got.From != want.From || got.Time != want.Time ||
			string(got.Bytes) != string(want.Bytes) || got.Offset != want.Offset {
			t.Fatalf("%+v, want %+v", got, want)
		}
	}
	if got, err := reader.Next(); got != nil || err != nil {
		t.Fatal(got, err)
	}
}

func TestWhatIsNoRecordIsRefusedWithItsPlace(t *testing.T) {
	for _, text := range []string{
		"send client 0 1\na\n", "recv noise 0 1\na\n", "recv client 0 2\na", "recv client 0 1\nab",
		"recv client 0 -1\n\n", "recv client x 1\na\n", "close client\n", "tick\n", "tick -1\n", "tick 1",
		"recv client 0 99999999999999\n", "\n",
	} {
		reader := NewReader(strings.NewReader("tick 1\n" + text))
		if _, err := reader.Next(); err != nil {
			t.Fatal(err)
		}
		record, err := reader.Next()
		if err == nil || !strings.Contains(err.Error(), "record 2 at byte 7") {
			t.Errorf("%q: %+v, %v", text, record, err)
		}
	}
}
