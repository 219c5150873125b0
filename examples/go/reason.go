package portcullis

/*
#include <portcullis.h>
*/
import "C"

// Reason says why a frame did not pass as it came, or what else an event tells of. The number and
// the word are stable; 0 is no reason. In brackets the JSON-RPC error code that a peer gets with
// it.
type Reason uint32

const (
	// ReasonNotJSON: the line is not one JSON text [-32700]
	ReasonNotJSON Reason = C.PORTCULLIS_REASON_NOT_JSON
	// ReasonInvalidUTF8: the line is not UTF-8 [-32700]
	ReasonInvalidUTF8 Reason = C.PORTCULLIS_REASON_INVALID_UTF8
	// ReasonByteOrderMark: the line starts with a byte order mark [-32700]
	ReasonByteOrderMark Reason = C.PORTCULLIS_REASON_BYTE_ORDER_MARK
	// ReasonControlCharacter: a control character stands in the line unescaped [-32700]
	ReasonControlCharacter Reason = C.PORTCULLIS_REASON_CONTROL_CHARACTER
	// ReasonBareCR: a carriage return stands inside the message [-32600]
	ReasonBareCR Reason = C.PORTCULLIS_REASON_BARE_CR
	// ReasonTooDeep: the message is nested deeper than limits.frame_depth_max [-32600]
	ReasonTooDeep Reason = C.PORTCULLIS_REASON_TOO_DEEP
	// ReasonLoneSurrogate: a name or a protocol member holds a lone surrogate [-32600]
	ReasonLoneSurrogate Reason = C.PORTCULLIS_REASON_LONE_SURROGATE
	// ReasonDuplicateMember: two members have the same name; parsers disagree on which one counts
	// [-32600]
	ReasonDuplicateMember Reason = C.PORTCULLIS_REASON_DUPLICATE_MEMBER
	// ReasonFoldedMember: a member's name differs from one of the protocol by case only [-32600]
	ReasonFoldedMember Reason = C.PORTCULLIS_REASON_FOLDED_MEMBER
	// ReasonTooManyMembers: an object of the message has more members than limits.members_max
	// [-32600]
	ReasonTooManyMembers Reason = C.PORTCULLIS_REASON_TOO_MANY_MEMBERS
	// ReasonNotAnObject: a message is an object [-32600]
	ReasonNotAnObject Reason = C.PORTCULLIS_REASON_NOT_AN_OBJECT
	// ReasonBadVersion: jsonrpc has to be "2.0" [-32600]
	ReasonBadVersion Reason = C.PORTCULLIS_REASON_BAD_VERSION
	// ReasonBadID: an id is a string or an integer, no longer than limits.id_bytes_max [-32600]
	ReasonBadID Reason = C.PORTCULLIS_REASON_BAD_ID
	// ReasonBadMethod: method has to be a string [-32600]
	ReasonBadMethod Reason = C.PORTCULLIS_REASON_BAD_METHOD
	// ReasonAmbiguousMessage: a message is exactly one of request, notification and response [-32600]
	ReasonAmbiguousMessage Reason = C.PORTCULLIS_REASON_AMBIGUOUS_MESSAGE
	// ReasonBadParams: params has to be an object [-32602]
	ReasonBadParams Reason = C.PORTCULLIS_REASON_BAD_PARAMS
	// ReasonBadParamsMember: a member of params has the wrong type [-32602]
	ReasonBadParamsMember Reason = C.PORTCULLIS_REASON_BAD_PARAMS_MEMBER
	// ReasonDuplicateID: a request with this id is open already [-32600]
	ReasonDuplicateID Reason = C.PORTCULLIS_REASON_DUPLICATE_ID
	// ReasonWrongEra: this protocol revision has no such message from this side [-32600]
	ReasonWrongEra Reason = C.PORTCULLIS_REASON_WRONG_ERA
	// ReasonInitializeInBatch: initialize must not be part of a batch [-32600]
	ReasonInitializeInBatch Reason = C.PORTCULLIS_REASON_INITIALIZE_IN_BATCH
	// ReasonEmptyBatch: a batch has at least one member [-32600]
	ReasonEmptyBatch Reason = C.PORTCULLIS_REASON_EMPTY_BATCH
	// ReasonBatchDisabled: batches are switched off here; send one message a line [-32600]
	ReasonBatchDisabled Reason = C.PORTCULLIS_REASON_BATCH_DISABLED
	// ReasonAuthRequired: authentication required [-32604]
	ReasonAuthRequired Reason = C.PORTCULLIS_REASON_AUTH_REQUIRED
	// ReasonAuthFailed: authentication failed [-32605]
	ReasonAuthFailed Reason = C.PORTCULLIS_REASON_AUTH_FAILED
	// ReasonPeerUnauthenticated: the client has not authenticated yet [-31600]
	ReasonPeerUnauthenticated Reason = C.PORTCULLIS_REASON_PEER_UNAUTHENTICATED
	// ReasonTokenPresent: auth_token is put in here; leave it out of the message [-31600]
	ReasonTokenPresent Reason = C.PORTCULLIS_REASON_TOKEN_PRESENT
	// ReasonLockedOut: too many attempts to authenticate failed; wait, then come with a valid token
	// [-31601]
	ReasonLockedOut Reason = C.PORTCULLIS_REASON_LOCKED_OUT
	// ReasonCredentialSource: a credential is not taken in this way; present it as auth.sources says
	// [-31600]
	ReasonCredentialSource Reason = C.PORTCULLIS_REASON_CREDENTIAL_SOURCE
	// ReasonServerDenied: this token is not for this server; add the server to its list to allow it
	// [-31600]
	ReasonServerDenied Reason = C.PORTCULLIS_REASON_SERVER_DENIED
	// ReasonToolDenied: this tool is denied by policy; take it off the list to allow it [-31600]
	ReasonToolDenied Reason = C.PORTCULLIS_REASON_TOOL_DENIED
	// ReasonSecretInEnvelope: a secret stands where the protocol reads names; switch its rule off to
	// let it pass [-31600]
	ReasonSecretInEnvelope Reason = C.PORTCULLIS_REASON_SECRET_IN_ENVELOPE
	// ReasonSecretBlocked: a secret stands where nothing may be changed, or its rule blocks it; set
	// its rule to log to let it pass [-31600]
	ReasonSecretBlocked Reason = C.PORTCULLIS_REASON_SECRET_BLOCKED
	// ReasonTooManyEdits: the message holds more secrets than can be cut out of it; send it in parts
	// [-31600]
	ReasonTooManyEdits Reason = C.PORTCULLIS_REASON_TOO_MANY_EDITS
	// ReasonUnseenBlocked: the message holds characters that a reader does not see; set them to strip
	// or log to let it pass [-31600]
	ReasonUnseenBlocked Reason = C.PORTCULLIS_REASON_UNSEEN_BLOCKED
	// ReasonMethodDenied: this method is denied by policy; a rule of rights would have to allow it
	// [-31600]
	ReasonMethodDenied Reason = C.PORTCULLIS_REASON_METHOD_DENIED
	// ReasonResourceDenied: this resource is denied by policy; a rule of rights would have to allow
	// it [-31600]
	ReasonResourceDenied Reason = C.PORTCULLIS_REASON_RESOURCE_DENIED
	// ReasonPromptDenied: this prompt is denied by policy; a rule of rights would have to allow it
	// [-31600]
	ReasonPromptDenied Reason = C.PORTCULLIS_REASON_PROMPT_DENIED
	// ReasonArgumentDenied: an argument of this call is not what a rule of arguments demands [-31600]
	ReasonArgumentDenied Reason = C.PORTCULLIS_REASON_ARGUMENT_DENIED
	// ReasonPathDenied: a path in the arguments leads where a rule of arguments does not let it
	// [-31600]
	ReasonPathDenied Reason = C.PORTCULLIS_REASON_PATH_DENIED
	// ReasonTooManyInFlight: too many requests are open; wait for answers, or raise
	// limits.requests_open_max [-31601]
	ReasonTooManyInFlight Reason = C.PORTCULLIS_REASON_TOO_MANY_IN_FLIGHT
	// ReasonBusy: too much is waiting already; try again [-31601]
	ReasonBusy Reason = C.PORTCULLIS_REASON_BUSY
	// ReasonRateLimited: more messages come than a rate limit lets through; wait, or raise that limit
	// [-31601]
	ReasonRateLimited Reason = C.PORTCULLIS_REASON_RATE_LIMITED
	// ReasonTooManySessions: too many clients are connected; try again when one has left [-31601]
	ReasonTooManySessions Reason = C.PORTCULLIS_REASON_TOO_MANY_SESSIONS
	// ReasonConcurrencyLimited: as many calls are open at once as policy allows; wait for answers
	// [-31601]
	ReasonConcurrencyLimited Reason = C.PORTCULLIS_REASON_CONCURRENCY_LIMITED
	// ReasonCircuitOpen: the server failed too often and gets no calls for a while; try again later
	// [-31601]
	ReasonCircuitOpen Reason = C.PORTCULLIS_REASON_CIRCUIT_OPEN
	// ReasonBytesLimited: more bytes come than policy lets through; wait, or send less [-31601]
	ReasonBytesLimited Reason = C.PORTCULLIS_REASON_BYTES_LIMITED
	// ReasonTimeout: no answer came within the time that requests or quotas.timeouts give [-31602]
	ReasonTimeout Reason = C.PORTCULLIS_REASON_TIMEOUT
	// ReasonDraining: the session is ending: it takes no new requests, and waits no longer for open
	// ones [-31602]
	ReasonDraining Reason = C.PORTCULLIS_REASON_DRAINING
	// ReasonFrameTooSlow: the message did not end within limits.frame_ms_max; send it at once, or
	// raise the limit [-31602]
	ReasonFrameTooSlow Reason = C.PORTCULLIS_REASON_FRAME_TOO_SLOW
	// ReasonSessionIdle: the session was idle for longer than policy allows [-31602]
	ReasonSessionIdle Reason = C.PORTCULLIS_REASON_SESSION_IDLE
	// ReasonFrameTooLarge: the message is larger than limits.frame_bytes_max [-31603]
	ReasonFrameTooLarge Reason = C.PORTCULLIS_REASON_FRAME_TOO_LARGE
	// ReasonResponseTooLarge: the response is larger than limits.frame_bytes_max, or than policy lets
	// it be [-31603]
	ReasonResponseTooLarge Reason = C.PORTCULLIS_REASON_RESPONSE_TOO_LARGE
	// ReasonBatchTooLarge: the answers to this batch would not fit in one message; send fewer at once
	// [-31603]
	ReasonBatchTooLarge Reason = C.PORTCULLIS_REASON_BATCH_TOO_LARGE
	// ReasonPeerClosed: the other side has closed the session [-31604]
	ReasonPeerClosed Reason = C.PORTCULLIS_REASON_PEER_CLOSED
	// ReasonServerExited: the server has exited, was ended, or could not be started [-31604]
	ReasonServerExited Reason = C.PORTCULLIS_REASON_SERVER_EXITED
	// ReasonBadResponse: the response to this request was refused [-31604]
	ReasonBadResponse Reason = C.PORTCULLIS_REASON_BAD_RESPONSE
	// ReasonApprovalDenied: the call was not approved [-31605]
	ReasonApprovalDenied Reason = C.PORTCULLIS_REASON_APPROVAL_DENIED
	// ReasonApprovalExpired: nobody approved the call in time [-31605]
	ReasonApprovalExpired Reason = C.PORTCULLIS_REASON_APPROVAL_EXPIRED
	// ReasonOrphanResponse: a response to no open request was dropped
	ReasonOrphanResponse Reason = C.PORTCULLIS_REASON_ORPHAN_RESPONSE
	// ReasonLateResponse: a response that came too late was dropped
	ReasonLateResponse Reason = C.PORTCULLIS_REASON_LATE_RESPONSE
	// ReasonNoise: a line that is no message was kept away from the client
	ReasonNoise Reason = C.PORTCULLIS_REASON_NOISE
	// ReasonClosedInFrame: the peer closed in the middle of a frame
	ReasonClosedInFrame Reason = C.PORTCULLIS_REASON_CLOSED_IN_FRAME
	// ReasonTooManyRefused: too many frames in a row were refused
	ReasonTooManyRefused Reason = C.PORTCULLIS_REASON_TOO_MANY_REFUSED
	// ReasonRedacted: a secret was taken out
	ReasonRedacted Reason = C.PORTCULLIS_REASON_REDACTED
	// ReasonCancelled: the request was cancelled
	ReasonCancelled Reason = C.PORTCULLIS_REASON_CANCELLED
	// ReasonApprovalAsked: the call waits for approval
	ReasonApprovalAsked Reason = C.PORTCULLIS_REASON_APPROVAL_ASKED
	// ReasonClosed: the peer will send no more
	ReasonClosed Reason = C.PORTCULLIS_REASON_CLOSED
	// ReasonDrainBegun: the drain began
	ReasonDrainBegun Reason = C.PORTCULLIS_REASON_DRAIN_BEGUN
	// ReasonPolicySwapped: the policy was exchanged
	ReasonPolicySwapped Reason = C.PORTCULLIS_REASON_POLICY_SWAPPED
	// ReasonEventsDropped: events were dropped because nobody collected them
	ReasonEventsDropped Reason = C.PORTCULLIS_REASON_EVENTS_DROPPED
	// ReasonTokenCut: the auth_token member was cut out
	ReasonTokenCut Reason = C.PORTCULLIS_REASON_TOKEN_CUT
	// ReasonListFiltered: denied items were taken out of the list
	ReasonListFiltered Reason = C.PORTCULLIS_REASON_LIST_FILTERED
	// ReasonIntroduced: the host said who a peer is
	ReasonIntroduced Reason = C.PORTCULLIS_REASON_INTRODUCED
	// ReasonTokenAttached: the credential was put in as auth_token
	ReasonTokenAttached Reason = C.PORTCULLIS_REASON_TOKEN_ATTACHED
	// ReasonSecretSeen: a secret was seen and passed, as its rule says
	ReasonSecretSeen Reason = C.PORTCULLIS_REASON_SECRET_SEEN
	// ReasonMasked: a secret was masked
	ReasonMasked Reason = C.PORTCULLIS_REASON_MASKED
	// ReasonSealed: a secret was sealed
	ReasonSealed Reason = C.PORTCULLIS_REASON_SEALED
	// ReasonUnsealed: a sealed secret was handed to a tool that its rule names
	ReasonUnsealed Reason = C.PORTCULLIS_REASON_UNSEALED
	// ReasonSanitised: characters that a reader does not see were taken out
	ReasonSanitised Reason = C.PORTCULLIS_REASON_SANITISED
	// ReasonUnseenText: characters that a reader does not see passed
	ReasonUnseenText Reason = C.PORTCULLIS_REASON_UNSEEN_TEXT
	// ReasonURLDenied: a URL in the arguments leads where a rule of arguments does not let it
	// [-31600]
	ReasonURLDenied Reason = C.PORTCULLIS_REASON_URL_DENIED
	// ReasonSchemaMismatch: the arguments are not what the tool's inputSchema says [-31600]
	ReasonSchemaMismatch Reason = C.PORTCULLIS_REASON_SCHEMA_MISMATCH
	// ReasonAddressDenied: this address is denied by policy [-31600]
	ReasonAddressDenied Reason = C.PORTCULLIS_REASON_ADDRESS_DENIED
	// ReasonOriginDenied: this origin is denied by policy [-31600]
	ReasonOriginDenied Reason = C.PORTCULLIS_REASON_ORIGIN_DENIED
	// ReasonHostDenied: this host name is denied by policy [-31600]
	ReasonHostDenied Reason = C.PORTCULLIS_REASON_HOST_DENIED
	// ReasonUndecided: a rule could not be decided, and what cannot be decided is refused [-31600]
	ReasonUndecided Reason = C.PORTCULLIS_REASON_UNDECIDED
	// ReasonNotInitialized: the policy demands initialize first; send it, or switch
	// require_initialize off [-31600]
	ReasonNotInitialized Reason = C.PORTCULLIS_REASON_NOT_INITIALIZED
	// ReasonOpenLong: a call is open for a long time
	ReasonOpenLong Reason = C.PORTCULLIS_REASON_OPEN_LONG
	// ReasonCircuitOpened: the server failed too often; its calls are refused
	ReasonCircuitOpened Reason = C.PORTCULLIS_REASON_CIRCUIT_OPENED
	// ReasonCircuitClosed: the server works again; its calls pass
	ReasonCircuitClosed Reason = C.PORTCULLIS_REASON_CIRCUIT_CLOSED
	// ReasonPathAsked: the call waits for the host to resolve a path
	ReasonPathAsked Reason = C.PORTCULLIS_REASON_PATH_ASKED
	// ReasonNameAsked: the call waits for the host to resolve a name
	ReasonNameAsked Reason = C.PORTCULLIS_REASON_NAME_ASKED
	// ReasonTruncated: a response was cut to the size that policy allows
	ReasonTruncated Reason = C.PORTCULLIS_REASON_TRUNCATED
)

// String gives the stable word for it; "unknown" for a number that names nothing.
func (number Reason) String() string {
	return C.GoString(C.portcullis_reason_str(C.uint32_t(number)))
}

// Message gives what a peer is told for this reason: what was refused, and how to allow it.
func (number Reason) Message() string {
	return C.GoString(C.portcullis_reason_message(C.uint32_t(number)))
}

// Code gives the JSON-RPC error code of a refusal for this reason; 0 where none is ever written.
func (number Reason) Code() int { return int(C.portcullis_reason_code(C.uint32_t(number))) }
