package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"net/netip"
	"runtime"
	"unsafe"
)

// Facts are who a peer is, as far as the host knows; the host vouches for it. Everything may be left
// out. Of a server only its name counts; of the client all but its name.
type Facts struct {
	// Session is the host's number for the session.
	Session uint64
	// Name is the peer's, for events and rules, cut to 62 bytes.
	Name string
	// Address is the client's. One out of a header is one only if a trusted proxy wrote it:
	// [Guard.ClientAddress].
	Address netip.Addr
	// User is whom the client runs as, as a Unix socket tells it; nil if that is not known.
	User *uint32
	// Credential is what the client presented beside its messages, as [ReadCredential] gives it. The
	// library copies and wipes it. An auth_token of a message goes before it.
	Credential []byte
	// Source is how it came.
	Source Source
	// Origin holds the values of the client's Origin headers; nil if it has none.
	Origin []string
	// Host holds the value of the client's Host; nil if it has none.
	Host []string
}

func (f *Facts) set(c *C.portcullis_facts, pin *runtime.Pinner) {
	text := func(data *C.char, length C.size_t) (*C.char, C.size_t) {
		if data != nil {
			pin.Pin(unsafe.Pointer(data))
		}
		return data, length
	}
	*c = C.portcullis_facts{
		struct_size: C.sizeof_portcullis_facts,
		session:     C.uint64_t(f.Session),
		source:      C.uint32_t(f.Source),
	}
	if f.User != nil {
		c.has_user, c.user = 1, C.uint32_t(*f.User)
	}
	if f.Address.IsValid() {
		c.address, c.address_len = text(joined([]string{f.Address.String()}))
	}
	if f.Name != "" {
		c.name, c.name_len = text(joined([]string{f.Name}))
	}
	if len(f.Credential) > 0 {
		c.credential, c.credential_len = text(chars(f.Credential))
	}
	c.origin, c.origin_len = text(joined(f.Origin))
	c.host, c.host_len = text(joined(f.Host))
}

// lend runs a call with the facts as the library takes them.
func (f *Facts) lend(call func(*C.portcullis_facts) C.uint32_t) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	var c C.portcullis_facts
	f.set(&c, &pin)
	return failed(call(&c))
}

// Introduce tells all that the host knows of a peer. From the next frame on rules, limits and events
// know it, and what was told before is forgotten.
func (e *Engine) Introduce(side Side, facts *Facts) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave(judged)
	return facts.lend(func(facts *C.portcullis_facts) C.uint32_t {
		return C.portcullis_engine_introduce(e.ptr, C.uint32_t(side), facts)
	})
}

// ReadCredential reads the credential in what an HTTP server holds, strictly: the value of
// Authorization, whose scheme is the name (such as "Bearer"); the value of another header; or the
// query of a URL, whose parameter has that name. Nil if there is none, or nothing that two readers
// read alike.
func ReadCredential(source Source, text []byte, name string) ([]byte, error) {
	token := make([]byte, len(text)+1)
	data, length := octets(text)
	scheme, schemeLength := chars([]byte(name))
	buffer, capacity := chars(token)
	var found C.size_t
	err := failed(C.portcullis_credential_read(C.uint32_t(source), data, length, scheme, schemeLength,
		buffer, capacity, &found))
	if err != nil || found == 0 {
		return nil, err
	}
	return token[:found], nil
}
