package portcullis

/*
#include <portcullis.h>
*/
import "C"

import (
	"runtime"
	"sync"
)

// Policy says what passes, what is taken out, and who may send. It never changes, so any number of
// engines, finders and redactors share one; it may be closed while they live.
type Policy struct {
	mu  sync.RWMutex
	ptr *C.portcullis_policy
}

// PolicyOption changes how a policy is made.
type PolicyOption func(*policyOptions)

type policyOptions struct {
	sealKey []byte
}

// WithSealKey gives the key of 32 random bytes that a rule needs which seals. Placeholders stay the
// same as long as the key does. It is copied; the caller may wipe it.
func WithSealKey(key []byte) PolicyOption {
	return func(options *policyOptions) { options.sealKey = key }
}

// NewPolicy makes a policy from a configuration in JSON; none is the default policy: every built-in
// rule takes its secrets out, nobody has to show a token. The keys stand in portcullis.h, at
// portcullis_policy_new. What is wrong with it is a [*ConfigError].
//
// Patterns that cannot be used are skipped, unless "redaction.strict" is on; see [Policy.Faults].
// It takes some milliseconds: make a policy once.
func NewPolicy(json []byte, options ...PolicyOption) (*Policy, error) {
	var chosen policyOptions
	for _, option := range options {
		option(&chosen)
	}
	text, textLen := chars(json)
	key, keyLen := octets(chosen.sealKey)
	var message [messageBytes]C.char
	var ptr *C.portcullis_policy
	status := C.portcullis_policy_new(C.PORTCULLIS_ABI, text, textLen, key, keyLen,
		&message[0], messageBytes, &ptr)
	if err := explained(status, &message); err != nil {
		return nil, err
	}
	policy := &Policy{ptr: ptr}
	handles.made()
	runtime.SetFinalizer(policy, (*Policy).Close)
	return policy, nil
}

// Close frees the policy. Whatever was made with it keeps what it needs.
func (p *Policy) Close() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ptr != nil {
		runtime.SetFinalizer(p, nil)
		C.portcullis_policy_free(p.ptr)
		p.ptr = nil
		handles.freed()
	}
	return nil
}

// use runs a call with the policy open, beside any number of others.
func (p *Policy) use(call func(*C.portcullis_policy) error) error {
	if p == nil {
		return ErrClosed
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	defer runtime.KeepAlive(p)
	if p.ptr == nil {
		return ErrClosed
	}
	return call(p.ptr)
}

// Fault is a pattern of the host's own that was skipped, and why.
type Fault struct {
	// Index is the pattern's place among "redaction.patterns", from 0.
	Index int
	// Name is the pattern's name.
	Name string
	// At is where in the pattern, in bytes; -1 if no place is known.
	At int
	// Reason says what is wrong with it, and how to mend it.
	Reason string
}

func (f *Fault) set(c *C.portcullis_fault) {
	*f = Fault{
		Index:  int(c.index),
		Name:   lent(c.name, c.name_len),
		At:     -1,
		Reason: lent(c.reason, c.reason_len),
	}
	if c.has_at != 0 {
		f.At = int(c.at)
	}
}

// Faults are the patterns that were skipped.
func (p *Policy) Faults() ([]Fault, error) {
	var faults []Fault
	err := p.use(func(ptr *C.portcullis_policy) error {
		var count C.size_t
		if err := failed(C.portcullis_policy_fault_count(ptr, &count)); err != nil {
			return err
		}
		for number := C.size_t(0); number < count; number++ {
			c := C.portcullis_fault{struct_size: C.sizeof_portcullis_fault}
			if err := failed(C.portcullis_policy_fault(ptr, number, &c)); err != nil {
				return err
			}
			var fault Fault
			fault.set(&c)
			faults = append(faults, fault)
		}
		return nil
	})
	return faults, err
}

// Rule is what there is to say about a rule that is in force.
type Rule struct {
	// ID is its number within this policy, as [Match] has it.
	ID uint32
	// Name is its name, as in events and configurations.
	Name string
	// Provider is who issues such secrets; "generic" if nobody in particular, "custom" for the
	// host's own.
	Provider string
	// Replacement stands in for a match in plain text, where it is redacted.
	Replacement string
	// ReplacementJSON is the same within a JSON string, escaped and without quotes.
	ReplacementJSON string
	// Severity is how much harm a leak does.
	Severity Severity
	// Group is the group that it is switched with.
	Group Group
	// Kind is how it recognises its secrets.
	Kind RuleKind
	// Action is what becomes of its matches.
	Action Action
	// Proven: an example of such a secret was found outside of the project, or it is a pattern of the
	// host's own.
	Proven bool
	// Checked: a checksum or a structure within the secret is verified.
	Checked bool
	// Anchored: the secret itself shows what it is, rather than its surroundings.
	Anchored bool
	// Custom: it is a pattern of the host's own.
	Custom bool
	// Slow: it has to be searched for in every string, for want of a text that all its matches hold.
	Slow bool
}

func (r *Rule) set(c *C.portcullis_rule) {
	*r = Rule{
		ID:              uint32(c.id),
		Name:            lent(c.name, c.name_len),
		Provider:        lent(c.provider, c.provider_len),
		Replacement:     lent(c.replacement, c.replacement_len),
		ReplacementJSON: lent(c.replacement_json, c.replacement_json_len),
		Severity:        Severity(c.severity),
		Group:           Group(c.group),
		Kind:            RuleKind(c.kind),
		Action:          Action(c.action),
		Proven:          c.proven != 0,
		Checked:         c.checked != 0,
		Anchored:        c.anchored != 0,
		Custom:          c.custom != 0,
		Slow:            c.slow != 0,
	}
}

// Rules are the rules in force; none if redaction is switched off.
func (p *Policy) Rules() ([]Rule, error) {
	var rules []Rule
	err := p.use(func(ptr *C.portcullis_policy) error {
		var count C.size_t
		if err := failed(C.portcullis_policy_rule_count(ptr, &count)); err != nil {
			return err
		}
		rules = make([]Rule, 0, int(count))
		for place := C.size_t(0); place < count; place++ {
			c := C.portcullis_rule{struct_size: C.sizeof_portcullis_rule}
			if err := failed(C.portcullis_policy_rule(ptr, place, &c)); err != nil {
				return err
			}
			var rule Rule
			rule.set(&c)
			rules = append(rules, rule)
		}
		return nil
	})
	return rules, err
}

// Version is the version of the library, such as 0.1.0.
func Version() string { return C.GoString(C.portcullis_version()) }

// LibraryABI is the number of the interface that the library has; [ABI] is what this package has.
func LibraryABI() int { return int(C.portcullis_abi()) }
