package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"runtime"
	"sync"
)

// Finder finds secrets, and characters that a reader does not see, in texts that the host holds. It
// changes nothing; [Redactor] does.
type Finder struct {
	mu  sync.Mutex
	ptr *C.portcullis_finder
}

// Match is a secret in a text.
type Match struct {
	// Rule is the number of the rule that found it, as in [Rule.ID].
	Rule uint32
	// Start is where it starts, in bytes.
	Start int
	// End is the first byte that is no part of it.
	End int
	// Plain: the secret stands there as it is, not spelled in another way, such as base64.
	Plain bool
	// Verified says whether what the secret itself holds, a checksum or a structure, is as its issuer
	// makes it. A no does not clear: most examples in manuals fail.
	Verified Verified
}

func (m *Match) set(c *C.portcullis_match) {
	*m = Match{
		Rule:     uint32(c.rule),
		Start:    int(c.start),
		End:      int(c.end),
		Plain:    c.plain != 0,
		Verified: Verified(c.verified),
	}
}

// Verified is yes, no, or that the rule knows of nothing to look at.
type Verified uint32

const (
	// VerifiedUnknown: the rule knows of nothing to look at.
	VerifiedUnknown Verified = C.PORTCULLIS_VERIFIED_UNKNOWN
	// VerifiedYes: it is as its issuer makes it.
	VerifiedYes Verified = C.PORTCULLIS_VERIFIED_YES
	// VerifiedNo: it is not.
	VerifiedNo Verified = C.PORTCULLIS_VERIFIED_NO
)

// Unseen is a stretch of text that a reader does not see.
type Unseen struct {
	// Kind is what it is.
	Kind UnseenKind
	// Start is where it starts, in bytes.
	Start int
	// End is where it ends, in bytes.
	End int
}

func (u *Unseen) set(c *C.portcullis_unseen) {
	*u = Unseen{Kind: UnseenKind(c.kind), Start: int(c.start), End: int(c.end)}
}

// Example is a made-up text that holds a secret: Text[Start:End].
type Example struct {
	Text       string
	Start, End int
}

// NewFinder makes a finder with the rules of a policy.
func NewFinder(policy *Policy) (*Finder, error) {
	finder := &Finder{}
	err := policy.use(func(policy *C.portcullis_policy) error {
		return failed(C.portcullis_finder_new(C.PORTCULLIS_ABI, policy, &finder.ptr))
	})
	if err != nil {
		return nil, err
	}
	handles.made()
	runtime.SetFinalizer(finder, (*Finder).Close)
	return finder, nil
}

// Close frees the finder.
func (f *Finder) Close() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ptr != nil {
		runtime.SetFinalizer(f, nil)
		C.portcullis_finder_free(f.ptr)
		f.ptr = nil
		handles.freed()
	}
	return nil
}

func (f *Finder) enter() error {
	if f == nil {
		return ErrClosed
	}
	f.mu.Lock()
	if f.ptr == nil {
		f.mu.Unlock()
		return ErrClosed
	}
	return nil
}

func (f *Finder) leave() {
	f.mu.Unlock()
	runtime.KeepAlive(f)
}

// Find searches a text for secrets. They are in order and do not overlap: where rules meet, all
// that any of them found is one match. Any bytes are a text.
func (f *Finder) Find(text []byte) ([]Match, error) { return f.find(nil, text) }

// FindNamed searches the value of something that has a name, such as a member of a JSON object: the
// name may say that it is a secret. It is UTF-8.
func (f *Finder) FindNamed(name string, text []byte) ([]Match, error) {
	// An empty name is a name, too: not NULL.
	return f.find(append(make([]byte, 0, len(name)+1), name...), text)
}

func (f *Finder) find(name, text []byte) ([]Match, error) {
	if err := f.enter(); err != nil {
		return nil, err
	}
	defer f.leave()
	called, calledLen := chars(name)
	data, dataLen := octets(text)
	var count C.size_t
	err := failed(C.portcullis_finder_find(f.ptr, called, calledLen, data, dataLen, &count))
	if err != nil || count == 0 {
		return nil, err
	}
	matches := make([]Match, int(count))
	for number := range matches {
		c := C.portcullis_match{struct_size: C.sizeof_portcullis_match}
		if err := failed(C.portcullis_finder_match(f.ptr, C.size_t(number), &c)); err != nil {
			return nil, err
		}
		matches[number].set(&c)
	}
	return matches, nil
}

// FindUnseen searches a text for what a reader does not see, from left to right. What writing needs
// is no such thing: joiners in emoji, marks beside right-to-left text, flags.
func (f *Finder) FindUnseen(text []byte) ([]Unseen, error) {
	if err := f.enter(); err != nil {
		return nil, err
	}
	defer f.leave()
	data, dataLen := octets(text)
	var count C.size_t
	err := failed(C.portcullis_finder_find_unseen(f.ptr, data, dataLen, &count))
	if err != nil || count == 0 {
		return nil, err
	}
	stretches := make([]Unseen, int(count))
	for number := range stretches {
		c := C.portcullis_unseen{struct_size: C.sizeof_portcullis_unseen}
		if err := failed(C.portcullis_finder_unseen(f.ptr, C.size_t(number), &c)); err != nil {
			return nil, err
		}
		stretches[number].set(&c)
	}
	return stretches, nil
}

// Example makes up a text that holds a secret of a built-in rule, for tests of a host: no real
// secret has to be written down anywhere. The same seed gives the same text.
func (f *Finder) Example(rule uint32, seed uint64) (Example, error) {
	if err := f.enter(); err != nil {
		return Example{}, err
	}
	defer f.leave()
	var text *C.char
	var length, start, end C.size_t
	err := failed(C.portcullis_finder_example(f.ptr, C.uint32_t(rule), C.uint64_t(seed),
		&text, &length, &start, &end))
	if err != nil {
		return Example{}, err
	}
	return Example{Text: lent(text, length), Start: int(start), End: int(end)}, nil
}
