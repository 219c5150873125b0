package portcullis

// The numbers of the header as types of their own, so that none is taken for another. Each constant
// is the header's, so none can differ from it; numbers_test.go finds the one that is missing here.

/*
#include <portcullis.h>
*/
import "C"

// ABI is the number of the interface that this package was compiled with.
const ABI = C.PORTCULLIS_ABI

// Never is no such time: nothing is due, or nothing was measured.
const Never uint64 = C.PORTCULLIS_NEVER

// Side is who bytes come from. Numbers above 1 are kept for several servers behind one engine.
type Side uint32

const (
	// Client asks for tools, and a model reads what it gets.
	Client Side = C.PORTCULLIS_CLIENT
	// Server runs the tools.
	Server Side = C.PORTCULLIS_SERVER
)

// String gives the stable word for it.
func (number Side) String() string { return Receiver(number).String() }

// Receiver is who bytes are for.
type Receiver uint32

const (
	// ToClient is the client as a receiver.
	ToClient Receiver = C.PORTCULLIS_CLIENT
	// ToServer is the server as a receiver.
	ToServer Receiver = C.PORTCULLIS_SERVER
	// ToNoise is the host's standard error: lines of a server that are no MCP messages, with secrets
	// taken out. What nobody takes is dropped and counted, and holds nothing up.
	ToNoise Receiver = C.PORTCULLIS_NOISE
)

// String gives the stable word for it: client, server or noise.
func (number Receiver) String() string {
	return C.GoString(C.portcullis_receiver_str(C.uint32_t(number)))
}

// EventKind says what kind of fact an event is.
type EventKind uint32

const (
	// EventPassed: A frame passed as it came.
	EventPassed EventKind = C.PORTCULLIS_EVENT_PASSED
	// EventChanged: A frame passed, changed.
	EventChanged EventKind = C.PORTCULLIS_EVENT_CHANGED
	// EventRefused: A frame, or a request in flight, was refused.
	EventRefused EventKind = C.PORTCULLIS_EVENT_REFUSED
	// EventProtocol: Something that the protocol does not foresee was dropped: answers to nobody,
	// noise.
	EventProtocol EventKind = C.PORTCULLIS_EVENT_PROTOCOL
	// EventLifecycle: The session changed: opened, closed, drained, policy exchanged, a ticket asked
	// for.
	EventLifecycle EventKind = C.PORTCULLIS_EVENT_LIFECYCLE
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number EventKind) String() string {
	return C.GoString(C.portcullis_event_kind_str(C.uint32_t(number)))
}

// Wanted says which events are made, a sum of bits. Those that are wanted have to be collected:
// judging stops while [Limits.EventsMax] of them wait.
type Wanted uint32

const (
	// WantPassed: Which events are made is a sum of bits: this one is for [EventPassed]. 0 is none.
	WantPassed Wanted = C.PORTCULLIS_WANT_PASSED
	// WantChanged: Make [EventChanged].
	WantChanged Wanted = C.PORTCULLIS_WANT_CHANGED
	// WantRefused: Make [EventRefused].
	WantRefused Wanted = C.PORTCULLIS_WANT_REFUSED
	// WantProtocol: Make [EventProtocol].
	WantProtocol Wanted = C.PORTCULLIS_WANT_PROTOCOL
	// WantLifecycle: Make [EventLifecycle].
	WantLifecycle Wanted = C.PORTCULLIS_WANT_LIFECYCLE
	// WantAll: Make every kind of event that there is.
	WantAll Wanted = C.PORTCULLIS_WANT_ALL
	// WantDropping: Besides the kinds: when the events that are kept (events_max) are not collected,
	// drop and count what finds no room. Without it judging stops until the host collects: no
	// decision without its record.
	WantDropping Wanted = C.PORTCULLIS_WANT_DROPPING
)

// Message says what a frame was.
type Message uint32

const (
	// MessageNone: Not a message, or not known.
	MessageNone Message = C.PORTCULLIS_MESSAGE_NONE
	// MessageRequest: Asks, and is owed an answer.
	MessageRequest Message = C.PORTCULLIS_MESSAGE_REQUEST
	// MessageNotification: Tells, and is never answered.
	MessageNotification Message = C.PORTCULLIS_MESSAGE_NOTIFICATION
	// MessageResponse: Answers.
	MessageResponse Message = C.PORTCULLIS_MESSAGE_RESPONSE
	// MessageBatch: An array of the others (revision 2025-03-26).
	MessageBatch Message = C.PORTCULLIS_MESSAGE_BATCH
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Message) String() string {
	return C.GoString(C.portcullis_message_str(C.uint32_t(number)))
}

// Answer says what the host says to a ticket.
type Answer uint32

const (
	// AnswerApproved: The call may go on.
	AnswerApproved Answer = C.PORTCULLIS_ANSWER_APPROVED
	// AnswerDenied: The call is refused: with approval_denied, or with undecided where a path or a
	// name was to be resolved.
	AnswerDenied Answer = C.PORTCULLIS_ANSWER_DENIED
	// AnswerResolved: What was asked for is known. [Engine.Resolve] says it; [Engine.Answer] takes no
	// such answer.
	AnswerResolved Answer = C.PORTCULLIS_ANSWER_RESOLVED
)

// QuestionKind says what a ticket asks.
type QuestionKind uint32

const (
	// QuestionNone: The ticket is not open (any more).
	QuestionNone QuestionKind = C.PORTCULLIS_QUESTION_NONE
	// QuestionCall: Whether a call may go on: to be approved or denied.
	QuestionCall QuestionKind = C.PORTCULLIS_QUESTION_CALL
	// QuestionPath: Where a path leads once links are followed: to be resolved with that path,
	// absolute; for a file that does not exist, where its directory leads, and its name.
	QuestionPath QuestionKind = C.PORTCULLIS_QUESTION_PATH
	// QuestionName: The addresses of a name: to be resolved with all of them, separated by spaces. The
	// host connects to these and no others, or a later answer of the name server would lead
	// elsewhere.
	QuestionName QuestionKind = C.PORTCULLIS_QUESTION_NAME
)

// Wake says what a deadline is for.
type Wake uint32

const (
	// WakeNone: Nothing is due.
	WakeNone Wake = C.PORTCULLIS_WAKE_NONE
	// WakeRequest: A request in flight reaches its deadline.
	WakeRequest Wake = C.PORTCULLIS_WAKE_REQUEST
	// WakeTicket: A ticket reaches its deadline.
	WakeTicket Wake = C.PORTCULLIS_WAKE_TICKET
	// WakeDrain: A drain reaches its end.
	WakeDrain Wake = C.PORTCULLIS_WAKE_DRAIN
	// WakeMemory: A buffer that is empty gives memory back.
	WakeMemory Wake = C.PORTCULLIS_WAKE_MEMORY
	// WakeID: The id of a request that ended without its answer becomes free.
	WakeID Wake = C.PORTCULLIS_WAKE_ID
	// WakeFrame: The beginning of a client's frame has waited for its end as long as it may.
	WakeFrame Wake = C.PORTCULLIS_WAKE_FRAME
	// WakeReport: A request is open for so long that it is told.
	WakeReport Wake = C.PORTCULLIS_WAKE_REPORT
	// WakeIdle: A session says nothing for as long as it may.
	WakeIdle Wake = C.PORTCULLIS_WAKE_IDLE
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Wake) String() string {
	return C.GoString(C.portcullis_wake_str(C.uint32_t(number)))
}

// Stall says why nothing moves from a side.
type Stall uint32

const (
	// StallNone: The lane does not stand.
	StallNone Stall = C.PORTCULLIS_STALL_NONE
	// StallReceiver: Its receiver has to read what is ready for it, or to answer what keeps a batch
	// waiting.
	StallReceiver Stall = C.PORTCULLIS_STALL_RECEIVER
	// StallSender: Its sender has to read the answers that it is owed.
	StallSender Stall = C.PORTCULLIS_STALL_SENDER
	// StallHost: The host has to collect events, and then to call a verb that judges.
	StallHost Stall = C.PORTCULLIS_STALL_HOST
	// StallEnded: Its sender has closed and all that it sent has left: the host may close its own end
	// towards the receiver.
	StallEnded Stall = C.PORTCULLIS_STALL_ENDED
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Stall) String() string {
	return C.GoString(C.portcullis_stall_str(C.uint32_t(number)))
}

// Action says what becomes of a secret.
type Action uint32

const (
	// ActionLog: A secret is told of and passes.
	ActionLog Action = C.PORTCULLIS_ACTION_LOG
	// ActionMask: A few of its characters stay, if it is long enough.
	ActionMask Action = C.PORTCULLIS_ACTION_MASK
	// ActionRedact: The rule's replacement stands in its place.
	ActionRedact Action = C.PORTCULLIS_ACTION_REDACT
	// ActionSeal: A placeholder stands in its place, which the engine turns back for the tools that
	// the rule names.
	ActionSeal Action = C.PORTCULLIS_ACTION_SEAL
	// ActionBlock: The frame is refused.
	ActionBlock Action = C.PORTCULLIS_ACTION_BLOCK
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Action) String() string {
	return C.GoString(C.portcullis_action_str(C.uint32_t(number)))
}

// Severity says how much harm a leak does.
type Severity uint32

const (
	// SeverityLow: An identifier, or public by design.
	SeverityLow Severity = C.PORTCULLIS_SEVERITY_LOW
	// SeverityMedium: Needs a second part, or is a guess from its surroundings.
	SeverityMedium Severity = C.PORTCULLIS_SEVERITY_MEDIUM
	// SeverityHigh: Scoped or short-lived.
	SeverityHigh Severity = C.PORTCULLIS_SEVERITY_HIGH
	// SeverityCritical: Acts at once, without a further secret.
	SeverityCritical Severity = C.PORTCULLIS_SEVERITY_CRITICAL
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Severity) String() string {
	return C.GoString(C.portcullis_severity_str(C.uint32_t(number)))
}

// Group says what a rule is switched with.
type Group uint32

const (
	// GroupSecrets: Credentials. On, unless switched off.
	GroupSecrets Group = C.PORTCULLIS_GROUP_SECRETS
	// GroupPersonal: Personal data, pii in a configuration. Off, unless switched on.
	GroupPersonal Group = C.PORTCULLIS_GROUP_PERSONAL
	// GroupEntropy: Long random values beside a word such as key or token. On, unless switched off.
	GroupEntropy Group = C.PORTCULLIS_GROUP_ENTROPY
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Group) String() string {
	return C.GoString(C.portcullis_group_str(C.uint32_t(number)))
}

// RuleKind says how a rule recognises its secrets.
type RuleKind uint32

const (
	// RuleToken: A rule recognises its secrets by characters of the secret itself.
	RuleToken RuleKind = C.PORTCULLIS_RULE_TOKEN
	// RuleContext: By the name or the word in front of the secret.
	RuleContext RuleKind = C.PORTCULLIS_RULE_CONTEXT
	// RuleBlock: By the lines around a block of text.
	RuleBlock RuleKind = C.PORTCULLIS_RULE_BLOCK
	// RulePersonal: By the form and the check digits of a number, or by the form of an address.
	RulePersonal RuleKind = C.PORTCULLIS_RULE_PERSONAL
	// RuleRegex: A regular expression of the host's own.
	RuleRegex RuleKind = C.PORTCULLIS_RULE_REGEX
	// RuleLiteral: A literal text of the host's own.
	RuleLiteral RuleKind = C.PORTCULLIS_RULE_LITERAL
	// RuleGlob: A glob of the host's own.
	RuleGlob RuleKind = C.PORTCULLIS_RULE_GLOB
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number RuleKind) String() string {
	return C.GoString(C.portcullis_rule_kind_str(C.uint32_t(number)))
}

// UnseenKind says what it is that a reader does not see.
type UnseenKind uint32

const (
	// UnseenZeroWidth: Characters without width or ink: zero-width spaces and joiners, variation
	// selectors, fillers, a byte order mark.
	UnseenZeroWidth UnseenKind = C.PORTCULLIS_UNSEEN_ZERO_WIDTH
	// UnseenBidi: Marks, embeddings, overrides and isolates of the bidirectional algorithm: the text
	// is read in another order than it stands.
	UnseenBidi UnseenKind = C.PORTCULLIS_UNSEEN_BIDI
	// UnseenTag: Tag characters, a second ASCII that nobody sees.
	UnseenTag UnseenKind = C.PORTCULLIS_UNSEEN_TAG
	// UnseenANSI: A control sequence of a terminal (ECMA-48).
	UnseenANSI UnseenKind = C.PORTCULLIS_UNSEEN_ANSI
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number UnseenKind) String() string {
	return C.GoString(C.portcullis_unseen_kind_str(C.uint32_t(number)))
}

// Source says how a credential came.
type Source uint32

const (
	// SourceMember: A credential came as the member auth_token of a message.
	SourceMember Source = C.PORTCULLIS_SOURCE_MEMBER
	// SourceBearer: In the Authorization header of a request.
	SourceBearer Source = C.PORTCULLIS_SOURCE_BEARER
	// SourceHeader: In another header.
	SourceHeader Source = C.PORTCULLIS_SOURCE_HEADER
	// SourceQuery: In the query of the URL, which logs and histories keep.
	SourceQuery Source = C.PORTCULLIS_SOURCE_QUERY
)

// HostKind says what the host of a URL is.
type HostKind uint32

const (
	// HostNone: A URL was refused: its host is of no interest.
	HostNone HostKind = C.PORTCULLIS_HOST_NONE
	// HostName: Its host is a name, whose addresses are to be checked.
	HostName HostKind = C.PORTCULLIS_HOST_NAME
	// HostAddress: Its host is an address, which was checked.
	HostAddress HostKind = C.PORTCULLIS_HOST_ADDRESS
)

// AddressClass says what kind of network an address belongs to.
type AddressClass uint32

const (
	// AddressPublic: Anybody's: reached over the public network.
	AddressPublic AddressClass = C.PORTCULLIS_ADDRESS_PUBLIC
	// AddressUnspecified: 0.0.0.0/8 and ::, this host, as most systems read it.
	AddressUnspecified AddressClass = C.PORTCULLIS_ADDRESS_UNSPECIFIED
	// AddressLoopback: 127.0.0.0/8 and ::1, this host.
	AddressLoopback AddressClass = C.PORTCULLIS_ADDRESS_LOOPBACK
	// AddressPrivate: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918).
	AddressPrivate AddressClass = C.PORTCULLIS_ADDRESS_PRIVATE
	// AddressLinkLocal: 169.254.0.0/16 and fe80::/10, this link.
	AddressLinkLocal AddressClass = C.PORTCULLIS_ADDRESS_LINK_LOCAL
	// AddressMetadata: Where clouds hand credentials to whoever asks: 169.254.169.254 and its like.
	AddressMetadata AddressClass = C.PORTCULLIS_ADDRESS_METADATA
	// AddressCarrierGrade: 100.64.0.0/10, inside a provider's network (RFC 6598).
	AddressCarrierGrade AddressClass = C.PORTCULLIS_ADDRESS_CARRIER_GRADE
	// AddressMulticast: 224.0.0.0/4 and ff00::/8.
	AddressMulticast AddressClass = C.PORTCULLIS_ADDRESS_MULTICAST
	// AddressBroadcast: 255.255.255.255.
	AddressBroadcast AddressClass = C.PORTCULLIS_ADDRESS_BROADCAST
	// AddressDocumentation: Of examples: 192.0.2.0/24, 2001:db8::/32 and others.
	AddressDocumentation AddressClass = C.PORTCULLIS_ADDRESS_DOCUMENTATION
	// AddressBenchmark: 198.18.0.0/15 and 2001:2::/48.
	AddressBenchmark AddressClass = C.PORTCULLIS_ADDRESS_BENCHMARK
	// AddressReserved: Everything else that nobody has on the public network.
	AddressReserved AddressClass = C.PORTCULLIS_ADDRESS_RESERVED
	// AddressUniqueLocal: fc00::/7, private networks of IPv6 (RFC 4193).
	AddressUniqueLocal AddressClass = C.PORTCULLIS_ADDRESS_UNIQUE_LOCAL
	// AddressSiteLocal: fec0::/10, the same, before RFC 3879 ended it.
	AddressSiteLocal AddressClass = C.PORTCULLIS_ADDRESS_SITE_LOCAL
)

// String gives the stable word for it, as configurations have it; "unknown" for a number that names
// nothing.
func (number AddressClass) String() string {
	return C.GoString(C.portcullis_address_class_str(C.uint32_t(number)))
}
