//! Why a frame was refused, changed or dropped: one name and one number each, both stable.

macro_rules! reasons {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $number:literal, $name:literal, $code:literal, $message:literal;
    )*) => {
        /// Why something did not pass as it came.
        ///
        /// [`name`](Reason::name) is what a peer reads in `error.data.reason` and an audit log
        /// keeps; neither it nor the number ever changes meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $variant = $number,)* }

        impl Reason {
            /// Every reason there is, in the order of their numbers.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];

            /// The stable word for this reason.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name,)* }
            }

            /// The JSON-RPC error code of a refusal for this reason; 0 where none is ever written.
            #[must_use]
            pub const fn code(self) -> i32 {
                match self { $(Reason::$variant => $code,)* }
            }

            /// What the peer is told: what was refused, and how to allow it.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Reason::$variant => $message,)* }
            }
        }
    };
}

reasons! {
    // Not JSON at all.
    /// The line is not one JSON text (RFC 8259).
    NotJson = 1, "not_json", -32700, "the line is not one JSON text";
    /// The line is not UTF-8 (RFC 3629).
    InvalidUtf8 = 2, "invalid_utf8", -32700, "the line is not UTF-8";
    /// The line starts with a byte order mark, which RFC 8259 section 8.1 forbids.
    ByteOrderMark = 3, "byte_order_mark", -32700, "the line starts with a byte order mark";
    /// A control character stands in the line unescaped (RFC 8259 section 7).
    ControlCharacter = 4, "control_character", -32700,
        "a control character stands in the line unescaped";

    // JSON, but not an MCP message that two peers read alike.
    /// A carriage return stands where line readers end a line: what follows would run as a message.
    BareCr = 10, "bare_cr", -32600, "a carriage return stands inside the message";
    /// More levels of nesting than the limit.
    TooDeep = 11, "too_deep", -32600, "the message is nested deeper than limits.frame_depth_max";
    /// A lone surrogate escape in a name or a member of the protocol.
    LoneSurrogate = 12, "lone_surrogate", -32600,
        "a name or a protocol member holds a lone surrogate";
    /// Two members of one object have the same name, after decoding escapes and folding case.
    DuplicateMember = 13, "duplicate_member", -32600,
        "two members have the same name; parsers disagree on which one counts";
    /// A member's name differs from one of the protocol only by case, so some parsers take it for that.
    FoldedMember = 14, "folded_member", -32600,
        "a member's name differs from one of the protocol by case only";
    /// An object that has to be read has more members than the limit.
    TooManyMembers = 15, "too_many_members", -32600,
        "an object of the message has more members than limits.members_max";
    /// The message is neither an object nor an array.
    NotAnObject = 16, "not_an_object", -32600, "a message is an object";
    /// `jsonrpc` is not "2.0".
    BadVersion = 17, "bad_version", -32600, "jsonrpc has to be \"2.0\"";
    /// The id is neither a string nor an integer, or too long.
    BadId = 18, "bad_id", -32600,
        "an id is a string or an integer, no longer than limits.id_bytes_max";
    /// `method` is not a string.
    BadMethod = 19, "bad_method", -32600, "method has to be a string";
    /// Not exactly one of request, notification and response.
    Ambiguous = 20, "ambiguous_message", -32600,
        "a message is exactly one of request, notification and response";
    /// `params` is not an object.
    BadParams = 21, "bad_params", -32602, "params has to be an object";
    /// A member of `params` that the decision rests on has another type than the protocol says.
    BadParamsMember = 22, "bad_params_member", -32602, "a member of params has the wrong type";
    /// A request with this id is open already.
    DuplicateId = 23, "duplicate_id", -32600, "a request with this id is open already";
    /// The revision in use has no such message from this side.
    WrongEra = 24, "wrong_era", -32600, "this protocol revision has no such message from this side";
    /// `initialize` stands in a batch.
    InitializeInBatch = 25, "initialize_in_batch", -32600, "initialize must not be part of a batch";
    /// The batch is empty.
    EmptyBatch = 26, "empty_batch", -32600, "a batch has at least one member";
    /// Batches are switched off.
    BatchDisabled = 27, "batch_disabled", -32600,
        "batches are switched off here; send one message a line";

    // Authentication.
    /// `auth_token` is missing, empty or not a string.
    AuthRequired = 40, "auth_required", -32604, "authentication required";
    /// `auth_token` is none of the live tokens.
    AuthFailed = 41, "auth_failed", -32605, "authentication failed";
    /// The server sends before its client has authenticated.
    PeerUnauthenticated = 42, "peer_unauthenticated", -31600,
        "the client has not authenticated yet";
    /// A frame brings an `auth_token` where one is attached.
    TokenPresent = 43, "token_present", -31600,
        "auth_token is put in here; leave it out of the message";
    /// Too many attempts of this peer failed.
    LockedOut = 44, "locked_out", -31601,
        "too many attempts to authenticate failed; wait, then come with a valid token";
    /// A credential came in a way that the policy does not take.
    CredentialSource = 45, "credential_source", -31600,
        "a credential is not taken in this way; present it as auth.sources says";
    /// The token is not for this server.
    ServerDenied = 46, "server_denied", -31600,
        "this token is not for this server; add the server to its list to allow it";

    // Policy.
    /// The tool is denied.
    ToolDenied = 50, "tool_denied", -31600,
        "this tool is denied by policy; take it off the list to allow it";
    /// A secret stands in the id, the method, `params.name` or the name of a member of the envelope.
    SecretInEnvelope = 51, "secret_in_envelope", -31600,
        "a secret stands where the protocol reads names; switch its rule off to let it pass";
    /// A secret stands in a member that has to come back unchanged, or its rule says block.
    SecretBlocked = 52, "secret_blocked", -31600,
        "a secret stands where nothing may be changed, or its rule blocks it; set its rule to log to let it pass";
    /// More secrets than edits that one frame may have.
    TooManyEdits = 53, "too_many_edits", -31600,
        "the message holds more secrets than can be cut out of it; send it in parts";

    /// Characters that a reader does not see stand in what the server says.
    UnseenBlocked = 54, "unseen_blocked", -31600,
        "the message holds characters that a reader does not see; set them to strip or log to let it pass";
    /// The method is denied.
    MethodDenied = 55, "method_denied", -31600,
        "this method is denied by policy; a rule of rights would have to allow it";
    /// The resource is denied.
    ResourceDenied = 56, "resource_denied", -31600,
        "this resource is denied by policy; a rule of rights would have to allow it";
    /// The prompt is denied.
    PromptDenied = 57, "prompt_denied", -31600,
        "this prompt is denied by policy; a rule of rights would have to allow it";
    /// An argument of a call is not as a rule demands.
    ArgumentDenied = 58, "argument_denied", -31600,
        "an argument of this call is not what a rule of arguments demands";
    /// A path leads where a rule does not let it.
    PathDenied = 59, "path_denied", -31600,
        "a path in the arguments leads where a rule of arguments does not let it";

    // Limits of number.
    /// No slot is left for one more open request.
    TooManyInFlight = 60, "too_many_in_flight", -31601,
        "too many requests are open; wait for answers, or raise limits.requests_open_max";
    /// No room is left to put the message aside.
    Busy = 61, "busy", -31601, "too much is waiting already; try again";
    /// More requests and notifications come than the rate lets through.
    RateLimited = 62, "rate_limited", -31601,
        "more messages come than a rate limit lets through; wait, or raise that limit";
    /// The host serves as many sessions as it may.
    TooManySessions = 63, "too_many_sessions", -31601,
        "too many clients are connected; try again when one has left";
    /// As many calls are open as a rule lets be.
    ConcurrencyLimited = 64, "concurrency_limited", -31601,
        "as many calls are open at once as policy allows; wait for answers";
    /// The server failed too often: it gets no calls for a while.
    CircuitOpen = 65, "circuit_open", -31601,
        "the server failed too often and gets no calls for a while; try again later";
    /// More bytes come than a rule lets through.
    BytesLimited = 66, "bytes_limited", -31601,
        "more bytes come than policy lets through; wait, or send less";

    // Limits of time.
    /// The request reached its deadline.
    Timeout = 70, "timeout", -31602,
        "no answer came within the time that requests or quotas.timeouts give";
    /// The session is being drained.
    Draining = 71, "draining", -31602,
        "the session is ending: it takes no new requests, and waits no longer for open ones";
    /// The end of a frame did not come in time.
    FrameTooSlow = 72, "frame_too_slow", -31602,
        "the message did not end within limits.frame_ms_max; send it at once, or raise the limit";
    /// Nothing was said for too long.
    SessionIdle = 73, "session_idle", -31602, "the session was idle for longer than policy allows";

    // Limits of size.
    /// The frame is over the limit.
    FrameTooLarge = 80, "frame_too_large", -31603,
        "the message is larger than limits.frame_bytes_max";
    /// The response is over the limit.
    ResponseTooLarge = 81, "response_too_large", -31603,
        "the response is larger than limits.frame_bytes_max, or than policy lets it be";
    /// The batch, or its answer, is over the limit.
    BatchTooLarge = 82, "batch_too_large", -31603,
        "the answers to this batch would not fit in one message; send fewer at once";

    // The other side.
    /// The peer has closed its side.
    PeerClosed = 90, "peer_closed", -31604, "the other side has closed the session";
    /// The server has exited, or never ran.
    ServerExited = 91, "server_exited", -31604, "the server has exited, was ended, or could not be started";
    /// The response was refused.
    BadResponse = 92, "bad_response", -31604, "the response to this request was refused";

    // Approval.
    /// The host said no.
    ApprovalDenied = 100, "approval_denied", -31605, "the call was not approved";
    /// The host said nothing in time.
    ApprovalExpired = 101, "approval_expired", -31605, "nobody approved the call in time";

    // Dropped; no answer is ever written for these.
    /// A response to no request.
    OrphanResponse = 110, "orphan_response", 0, "a response to no open request was dropped";
    /// A response to a request that was cancelled or ended by its deadline.
    LateResponse = 111, "late_response", 0, "a response that came too late was dropped";
    /// A line of the server that is no MCP message.
    Noise = 112, "noise", 0, "a line that is no message was kept away from the client";

    // The whole session.
    /// The peer closed in the middle of a frame.
    ClosedInFrame = 120, "closed_in_frame", 0, "the peer closed in the middle of a frame";
    /// Too many refused frames in a row.
    TooManyRefused = 121, "too_many_refused", 0, "too many frames in a row were refused";
    /// The redactor took something out.
    Redacted = 122, "redacted", 0, "a secret was taken out";
    /// The asker took its request back.
    Cancelled = 123, "cancelled", 0, "the request was cancelled";
    /// The host is asked for its approval.
    ApprovalAsked = 124, "approval_asked", 0, "the call waits for approval";
    /// A peer said that it will send no more.
    Closed = 125, "closed", 0, "the peer will send no more";
    /// The drain began.
    DrainBegun = 126, "drain_begun", 0, "the drain began";
    /// The policy was exchanged.
    PolicySwapped = 127, "policy_swapped", 0, "the policy was exchanged";
    /// Events were dropped because nobody collected them.
    EventsDropped = 128, "events_dropped", 0, "events were dropped because nobody collected them";
    /// The `auth_token` member was cut out.
    TokenCut = 129, "token_cut", 0, "the auth_token member was cut out";
    /// Denied items were taken out of a list.
    ListFiltered = 130, "list_filtered", 0, "denied items were taken out of the list";
    /// The host said who a peer is.
    Introduced = 131, "introduced", 0, "the host said who a peer is";
    /// The credential was put in.
    TokenAttached = 132, "token_attached", 0, "the credential was put in as auth_token";
    /// A rule whose action is `log` found a secret, which passed as it came.
    SecretSeen = 133, "secret_seen", 0, "a secret was seen and passed, as its rule says";
    /// The redactor left a few characters of a secret.
    Masked = 134, "masked", 0, "a secret was masked";
    /// A placeholder went out in the place of a secret.
    Sealed = 135, "sealed", 0, "a secret was sealed";
    /// A placeholder was turned back for a tool that its rule names.
    Unsealed = 136, "unsealed", 0, "a sealed secret was handed to a tool that its rule names";
    /// Characters that a reader does not see were taken out.
    Sanitised = 137, "sanitised", 0, "characters that a reader does not see were taken out";
    /// Characters that a reader does not see passed as they came.
    UnseenText = 138, "unseen_text", 0, "characters that a reader does not see passed";

    // Policy, further.
    /// A URL leads where a rule does not let it.
    UrlDenied = 140, "url_denied", -31600,
        "a URL in the arguments leads where a rule of arguments does not let it";
    /// The arguments are not what the server's schema says.
    SchemaMismatch = 141, "schema_mismatch", -31600,
        "the arguments are not what the tool's inputSchema says";
    /// The peer's address is denied.
    AddressDenied = 142, "address_denied", -31600, "this address is denied by policy";
    /// The origin is denied.
    OriginDenied = 143, "origin_denied", -31600, "this origin is denied by policy";
    /// The host name is denied.
    HostDenied = 144, "host_denied", -31600, "this host name is denied by policy";
    /// A rule could not be decided, so it refuses.
    Undecided = 145, "undecided", -31600,
        "a rule could not be decided, and what cannot be decided is refused";
    /// A request came before `initialize` had its answer.
    NotInitialized = 146, "not_initialized", -31600,
        "the policy demands initialize first; send it, or switch require_initialize off";
    /// A call is open for a long time.
    OpenLong = 150, "open_long", 0, "a call is open for a long time";
    /// The server failed too often: calls are refused from now on.
    CircuitOpened = 151, "circuit_opened", 0, "the server failed too often; its calls are refused";
    /// The server works again.
    CircuitClosed = 152, "circuit_closed", 0, "the server works again; its calls pass";
    /// The host is asked where a path leads.
    PathAsked = 153, "path_asked", 0, "the call waits for the host to resolve a path";
    /// The host is asked for the addresses of a name.
    NameAsked = 154, "name_asked", 0, "the call waits for the host to resolve a name";
    /// A response was cut to its limit.
    Truncated = 155, "truncated", 0, "a response was cut to the size that policy allows";
}

impl Reason {
    /// The stable number of this reason.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Its place in [`ALL`](Reason::ALL).
    pub(crate) fn place(self) -> usize {
        Self::ALL.binary_search(&self).expect("ALL holds every reason, in the order of numbers")
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn numbers_and_names_are_told_apart() {
        for (i, a) in Reason::ALL.iter().enumerate() {
            assert!(Reason::ALL[..i].iter().all(|b| b.number() < a.number()), "{a:?}");
            assert!(Reason::ALL[..i].iter().all(|b| b.name() != a.name()), "{a:?}");
            assert_eq!(a.place(), i, "{a:?}");
        }
    }
}
