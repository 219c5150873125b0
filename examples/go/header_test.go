package portcullis

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// The header is the contract; these tests read it, so that nothing is missing here.

func header(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "include", "portcullis.h"))
	ok(t, err)
	return string(text)
}

func sources(t *testing.T, patterns ...string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		ok(t, err)
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				text, err := os.ReadFile(file)
				ok(t, err)
				all.Write(text)
			}
		}
	}
	return all.String()
}

// value reads a number as the header spells it.
func value(t *testing.T, text string) uint64 {
	t.Helper()
	if text == "UINT64_MAX" {
		return math.MaxUint64
	}
	number, err := strconv.ParseUint(strings.TrimRight(text, "u"), 0, 64)
	ok(t, err)
	return number
}

func TestEveryConstantHasItsTwin(t *testing.T) {
	source := sources(t, "*.go")
	defined := regexp.MustCompile(`#define PORTCULLIS_(\w+) (\w+)`).
		FindAllStringSubmatch(header(t), -1)
	if len(defined) < 100 {
		t.Fatalf("the header defines only %d constants", len(defined))
	}
	names := map[string]bool{}
	for _, define := range defined {
		c, number := define[1], value(t, define[2])
		twin := regexp.MustCompile(`(?m)^(?:const|\t)\s*(\w+)(?: (\w+))? = C\.PORTCULLIS_` + c + `$`)
		found := twin.FindStringSubmatch(source)
		if found == nil {
			t.Errorf("PORTCULLIS_%s has no twin", c)
			continue
		}
		name, kind := found[1], found[2]
		folded := strings.ToLower(strings.ReplaceAll(c, "_", ""))
		if strings.ToLower(strings.TrimPrefix(name, "To")) != folded {
			t.Errorf("PORTCULLIS_%s is called %s", c, name)
		}
		if names[name] {
			t.Errorf("%s is there twice", name)
		}
		names[name] = true
		if say, ok := words[kind]; ok && say(uint32(number)) == "unknown" {
			t.Errorf("%s has no word", name)
		}
	}
}

// words name a number of a type; the values themselves are the header's by construction.
var words = map[string]func(uint32) string{
	"Side":         func(number uint32) string { return Side(number).String() },
	"EventKind":    func(number uint32) string { return EventKind(number).String() },
	"Message":      func(number uint32) string { return Message(number).String() },
	"Reason":       func(number uint32) string { return Reason(number).String() },
	"Severity":     func(number uint32) string { return Severity(number).String() },
	"Action":       func(number uint32) string { return Action(number).String() },
	"Group":        func(number uint32) string { return Group(number).String() },
	"RuleKind":     func(number uint32) string { return RuleKind(number).String() },
	"UnseenKind":   func(number uint32) string { return UnseenKind(number).String() },
	"AddressClass": func(number uint32) string { return AddressClass(number).String() },
	"Status":       func(number uint32) string { return Status(number).String() },
}

// wantEach is a sum that the header composes.
const wantEach = WantPassed | WantChanged | WantRefused | WantProtocol | WantLifecycle

func TestConstantsHaveTheValuesOfTheHeader(t *testing.T) {
	for name, pair := range map[string][2]uint64{
		"ABI":                {ABI, uint64(LibraryABI())},
		"NEVER":              {Never, 1<<64 - 1},
		"CLIENT":             {uint64(Client), uint64(ToClient)},
		"SERVER":             {uint64(Server), uint64(ToServer)},
		"NOISE":              {uint64(ToNoise), 2},
		"WANT_DROPPING":      {uint64(WantDropping), 1 << 31},
		"WANT_ALL":           {uint64(WantAll), uint64(wantEach)},
		"REASON_NOT_JSON":    {uint64(ReasonNotJSON), 1},
		"REASON_UNSEEN_TEXT": {uint64(ReasonUnseenText), 138},
		"STATUS_POISONED":    {uint64(StatusPoisoned), 10},
		"STALL_ENDED":        {uint64(StallEnded), 4},
		"WAKE_FRAME":         {uint64(WakeFrame), 6},
		"WAKE_REPORT":        {uint64(WakeReport), 7},
		"WAKE_IDLE":          {uint64(WakeIdle), 8},
		"ANSWER_DENIED":      {uint64(AnswerDenied), 2},
		"QUESTION_NAME":      {uint64(QuestionName), 3},
	} {
		define := regexp.MustCompile(`#define PORTCULLIS_` + name + ` (\w+)`).
			FindStringSubmatch(header(t))
		if define == nil || pair[0] != pair[1] || pair[0] != value(t, define[1]) {
			t.Errorf("%s: %v, %v", name, pair, define)
		}
	}
	if Version() == "" {
		t.Error("no version")
	}
}

func TestEveryFunctionIsUsed(t *testing.T) {
	source := sources(t, "*.go", "bridge.h")
	declared := regexp.MustCompile(`(?m)^\w[\w *]*[ *](portcullis_\w+)\(`).
		FindAllStringSubmatch(header(t), -1)
	if len(declared) < 50 {
		t.Fatalf("the header declares only %d functions", len(declared))
	}
	for _, declare := range declared {
		if !strings.Contains(source, declare[1]+"(") {
			t.Errorf("%s is not used", declare[1])
		}
	}
}

// structs are the header's, as cgo lays them out.
var structs = map[string]reflect.Type{
	"portcullis_limits":        reflect.TypeOf((*Limits).c).Out(0),
	"portcullis_time":          reflect.TypeOf(Time.c).Out(0),
	"portcullis_label":         argument((*Label).set),
	"portcullis_event":         argument((*Event).set),
	"portcullis_metrics":       argument((*Metrics).set),
	"portcullis_match":         argument((*Match).set),
	"portcullis_unseen":        argument((*Unseen).set),
	"portcullis_question":      argument((*Question).set),
	"portcullis_verdict":       argument((*Denied).set),
	"portcullis_cors_request":  argument((*CORSRequest).set),
	"portcullis_facts":         argument((*Facts).set),
	"portcullis_ledger_counts": argument((*LedgerCounts).set),
	"portcullis_fault":         argument((*Fault).set),
	"portcullis_rule":          argument((*Rule).set),
}

func argument(set any) reflect.Type { return reflect.TypeOf(set).In(1).Elem() }

func TestStructsAreLaidOutAsTheHeaderSays(t *testing.T) {
	source := sources(t, "*.go")
	bare := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(header(t), "")
	declared := regexp.MustCompile(`(?s)typedef struct (\w+) \{(.*?)\}`).
		FindAllStringSubmatch(bare, -1)
	if len(declared) != len(structs) {
		t.Fatalf("the header has %d structs, these tests know %d", len(declared), len(structs))
	}
	member := regexp.MustCompile(`(?m)^\s*(.+?)(\w+)(?:\[(\d+)\])?;$`)
	for _, declare := range declared {
		kind, ok := structs[declare[1]]
		if !ok {
			t.Errorf("%s is not known here", declare[1])
			continue
		}
		end, widest := uintptr(0), uintptr(1)
		for _, field := range member.FindAllStringSubmatch(declare[2], -1) {
			size, align := measure(t, strings.TrimSpace(field[1]))
			if field[3] != "" {
				size *= uintptr(value(t, field[3]))
			}
			end = (end + align - 1) / align * align
			is, found := kind.FieldByName(field[2])
			if !found {
				is, found = kind.FieldByName("_" + field[2]) // A word of Go's.
			}
			if !found || is.Offset != end || is.Type.Size() != size {
				t.Errorf("%s.%s: at %d of %d bytes, is %+v", declare[1], field[2], end, size, is)
			}
			reserved := field[2] == "reserved" || field[2] == "struct_size"
			if !reserved && !regexp.MustCompile(`(\.|\b)`+field[2]+`\b`).MatchString(source) {
				t.Errorf("%s.%s is not used", declare[1], field[2])
			}
			end, widest = end+size, max(widest, align)
		}
		if size := (end + widest - 1) / widest * widest; kind.Size() != size {
			t.Errorf("%s: %d bytes, is %d", declare[1], size, kind.Size())
		}
	}
}

// measure gives size and alignment of a type of the header.
func measure(t *testing.T, kind string) (uintptr, uintptr) {
	t.Helper()
	switch {
	case strings.HasSuffix(kind, "*"), kind == "size_t":
		return unsafe.Sizeof(uintptr(0)), unsafe.Alignof(uintptr(0))
	case kind == "uint32_t", kind == "int32_t":
		return 4, 4
	case kind == "uint64_t":
		return 8, unsafe.Alignof(uint64(0))
	case kind == "char":
		return 1, 1
	case strings.HasPrefix(kind, "struct "):
		inner := structs[strings.TrimPrefix(kind, "struct ")]
		return inner.Size(), uintptr(inner.Align())
	}
	t.Fatalf("what is %q?", kind)
	return 0, 0
}
