package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// Guard says what URLs, paths, clients and their pages may be, without an engine. It resolves no
// name, follows no link, reads no clock and no connection. It never changes: goroutines may use it at
// the same time.
//
// Each check gives nil, or a [*Denied] that says why not. Any error allows nothing.
type Guard struct {
	mu  sync.RWMutex
	ptr *C.portcullis_guard
}

// Denied is a check of a [Guard] that refused. It says nothing of what was checked.
type Denied struct {
	// Rule is the stable word of the check, such as "private" or "denied-path".
	Rule string
	// Why says in words why, and how to allow it.
	Why string
}

// Error gives the reason in words.
func (d *Denied) Error() string { return "portcullis: " + d.Rule + ": " + d.Why }

func (d *Denied) set(c *C.portcullis_verdict) {
	*d = Denied{Rule: C.GoString(c.rule), Why: C.GoString(c.why)}
}

// NewGuard makes a guard from a configuration in JSON; none is the default guard. The keys stand in
// portcullis.h, at portcullis_guard_new. What is wrong with it is a [*ConfigError].
func NewGuard(json []byte) (*Guard, error) {
	text, length := chars(json)
	var message [messageBytes]C.char
	var ptr *C.portcullis_guard
	status := C.portcullis_guard_new(C.PORTCULLIS_ABI, text, length, &message[0], messageBytes, &ptr)
	if err := explained(status, &message); err != nil {
		return nil, err
	}
	return adopted(ptr), nil
}

// GuardOf makes a guard of what a policy says of the network. The policy may be closed before it.
func GuardOf(policy *Policy) (*Guard, error) {
	var ptr *C.portcullis_guard
	err := policy.use(func(policy *C.portcullis_policy) error {
		return failed(C.portcullis_guard_of(C.PORTCULLIS_ABI, policy, &ptr))
	})
	if err != nil {
		return nil, err
	}
	return adopted(ptr), nil
}

func adopted(ptr *C.portcullis_guard) *Guard {
	guard := &Guard{ptr: ptr}
	handles.made()
	runtime.SetFinalizer(guard, (*Guard).Close)
	return guard
}

// Close frees the guard.
func (g *Guard) Close() error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ptr != nil {
		runtime.SetFinalizer(g, nil)
		C.portcullis_guard_free(g.ptr)
		g.ptr = nil
		handles.freed()
	}
	return nil
}

// Host is the host of a URL, as the check has read it: the one to connect to.
type Host struct {
	// Kind is a name, which has still to be resolved, and what it resolves to checked by
	// [Guard.CheckAddresses]; or an address, which was checked.
	Kind HostKind
	// Text is in lower case and ASCII.
	Text string
}

// CheckURL says whether a URL may be fetched, by all that can be told without resolving its host. Who
// follows redirects checks each URL that it is sent on to.
func (g *Guard) CheckURL(url string) (Host, error) {
	var host Host
	err := g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(url))
		var kind C.uint32_t
		text, status := grown(hostBytes, func(buffer *C.char, size C.size_t, len *C.size_t) C.uint32_t {
			return C.portcullis_guard_check_url(guard, data, length, buffer, size, len, &kind, verdict)
		})
		host = Host{Kind: HostKind(kind), Text: text}
		return status
	})
	return host, err
}

// CheckUpstream says whether the form, the scheme, the port and the lists of hosts let a URL be,
// wherever its host lies: for servers that the operator names.
func (g *Guard) CheckUpstream(url string) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(url))
		return C.portcullis_guard_check_upstream(guard, data, length, verdict)
	})
}

// CheckAddresses says whether one may connect to what a name resolved to. One address that is bad
// refuses them all, and so does none. Connect to one of these and no other: the name may resolve to
// another one a moment later.
func (g *Guard) CheckAddresses(addresses []netip.Addr) error {
	var text strings.Builder
	for _, address := range addresses {
		text.WriteString(address.String() + " ")
	}
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(text.String()))
		return C.portcullis_guard_check_addresses(guard, data, length, verdict)
	})
}

// CheckPath says whether a path may be used as it is written; links are not followed.
func (g *Guard) CheckPath(path string) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(path))
		return C.portcullis_guard_check_path(guard, data, length, verdict)
	})
}

// CheckResolved says whether what a path was found to be, all links followed, may be used. For a file
// that does not exist: where its directory leads, and its name.
func (g *Guard) CheckResolved(path string) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(path))
		return C.portcullis_guard_check_resolved(guard, data, length, verdict)
	})
}

// CheckIP says whether a client of this address may connect, at this wall-clock time.
func (g *Guard) CheckIP(address netip.Addr, now Time) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := chars([]byte(address.String()))
		return C.portcullis_guard_check_ip(guard, data, length, C.uint64_t(now.Wall), verdict)
	})
}

// CheckOrigin says whether the page that sent a request may: the values of its Origin headers, which
// is none of a client that is no page. Several are refused.
func (g *Guard) CheckOrigin(values []string) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := joined(values)
		return C.portcullis_guard_check_origin(guard, data, length, verdict)
	})
}

// CheckHost says whether the server may be reached under this name: the value of Host.
func (g *Guard) CheckHost(host string) error {
	return g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		data, length := joined([]string{host})
		return C.portcullis_guard_check_host(guard, data, length, verdict)
	})
}

// ClientAddress gives the address of the client behind trusted proxies, from the address at the other
// end of the connection and all X-Forwarded-For headers in their order.
func (g *Guard) ClientAddress(peer netip.Addr, forwardedFor []string) (netip.Addr, error) {
	var found netip.Addr
	err := g.use(func(guard *C.portcullis_guard) error {
		data, length := chars([]byte(peer.String()))
		values, valuesLength := chars([]byte(strings.Join(forwardedFor, ",")))
		text, status := grown(hostBytes, func(buffer *C.char, size C.size_t, len *C.size_t) C.uint32_t {
			return C.portcullis_guard_client_address(guard, data, length, values, valuesLength,
				buffer, size, len)
		})
		if err := failed(status); err != nil {
			return err
		}
		var err error
		found, err = netip.ParseAddr(text)
		return err
	})
	return found, err
}

// CORSRequest is what of a request decides about cross-origin use: its method, and the values of its
// headers of these names; nil where it has none.
type CORSRequest struct {
	Method         string
	Origin         []string
	RequestMethod  []string // Access-Control-Request-Method
	RequestHeaders []string // Access-Control-Request-Headers
	PrivateNetwork bool     // Access-Control-Request-Private-Network is "true"
}

func (r *CORSRequest) set(c *C.portcullis_cors_request, pin *runtime.Pinner) {
	text := func(data *C.char, length C.size_t) (*C.char, C.size_t) {
		if data != nil {
			pin.Pin(unsafe.Pointer(data))
		}
		return data, length
	}
	*c = C.portcullis_cors_request{struct_size: C.sizeof_portcullis_cors_request}
	if r.PrivateNetwork {
		c.private_network = 1
	}
	c.method, c.method_len = text(joined([]string{r.Method}))
	c.origin, c.origin_len = text(joined(r.Origin))
	c.request_method, c.request_method_len = text(joined(r.RequestMethod))
	c.request_headers, c.request_headers_len = text(joined(r.RequestHeaders))
}

// CORSAnswer is what is to be done.
type CORSAnswer struct {
	// Status is that of the whole answer, which has no body and does not go on to the server; 0: the
	// request goes on, and the headers are added to its answer.
	Status int
	// Headers are to be added.
	Headers []Header
	// Denied is why a page will not get at the answer, or nil. For the log; the page is told nothing.
	Denied *Denied
}

// Header is one of an answer.
type Header struct {
	Name, Value string
}

// CORS decides about cross-origin use of the server by a page.
func (g *Guard) CORS(request *CORSRequest) (CORSAnswer, error) {
	var answer CORSAnswer
	err := g.check(func(guard *C.portcullis_guard, verdict *C.portcullis_verdict) C.uint32_t {
		var pin runtime.Pinner
		defer pin.Unpin()
		var asked C.portcullis_cors_request
		request.set(&asked, &pin)
		var number C.uint32_t
		text, status := grown(headerBytes, func(buffer *C.char, size C.size_t, len *C.size_t) C.uint32_t {
			return C.portcullis_guard_cors(guard, &asked, buffer, size, len, &number, verdict)
		})
		answer.Status, answer.Headers = int(number), headers(text)
		return status
	})
	if denied, ok := err.(*Denied); ok {
		answer.Denied, err = denied, nil
	}
	return answer, err
}

// Headers gives the security headers of an answer; isTLS: it goes over TLS.
func (g *Guard) Headers(isTLS bool) ([]Header, error) {
	var found []Header
	err := g.use(func(guard *C.portcullis_guard) error {
		var tls C.uint32_t
		if isTLS {
			tls = 1
		}
		text, status := grown(headerBytes, func(buffer *C.char, size C.size_t, len *C.size_t) C.uint32_t {
			return C.portcullis_guard_headers(guard, tls, buffer, size, len)
		})
		found = headers(text)
		return failed(status)
	})
	return found, err
}

// ClassOf says what kind of network an address belongs to; where another address is inside of it, as of
// NAT64, that one decides.
func ClassOf(address netip.Addr) (AddressClass, error) {
	data, length := chars([]byte(address.String()))
	var class C.uint32_t
	err := failed(C.portcullis_address_class(data, length, &class))
	return AddressClass(class), err
}

const (
	hostBytes   = 256     // enough for every host of a plain URL
	headerBytes = 2 << 10 // enough for the headers of most configurations
	grownBytes  = 1 << 20 // more is a defect
)

// grown calls with a buffer, and again with a larger one while that is too small.
func grown(size int, call func(*C.char, C.size_t, *C.size_t) C.uint32_t) (string, C.uint32_t) {
	for {
		buffer := make([]byte, size)
		text, capacity := chars(buffer)
		var length C.size_t
		status := call(text, capacity, &length)
		if status != C.PORTCULLIS_STATUS_TOO_SMALL || size >= grownBytes {
			return string(buffer[:length]), status
		}
		size *= 4
	}
}

// joined joins the values of a header; there are none, or the pointer is not nil.
func joined(values []string) (*C.char, C.size_t) {
	if len(values) == 0 {
		return nil, 0
	}
	text := []byte(strings.Join(values, ",") + " ")
	data, length := chars(text)
	return data, length - 1
}

// headers reads lines of HTTP/1.1, which the library wrote.
func headers(text string) []Header {
	var found []Header
	for _, line := range strings.Split(text, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			found = append(found, Header{name, value})
		}
	}
	return found
}

// check runs a check with the guard open, and gives its verdict.
func (g *Guard) check(call func(*C.portcullis_guard, *C.portcullis_verdict) C.uint32_t) error {
	return g.use(func(guard *C.portcullis_guard) error {
		verdict := C.portcullis_verdict{struct_size: C.sizeof_portcullis_verdict}
		if err := failed(call(guard, &verdict)); err != nil || verdict.allowed != 0 {
			return err
		}
		var denied Denied
		denied.set(&verdict)
		return &denied
	})
}

// use runs a call with the guard open, beside any number of others.
func (g *Guard) use(call func(*C.portcullis_guard) error) error {
	if g == nil {
		return ErrClosed
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.ptr == nil {
		return ErrClosed
	}
	return call(g.ptr)
}
