//! What has to change in a frame: secrets, the token, denied list items. The frame is not rebuilt;
//! an edit names a range and what stands there instead.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::acting;
use super::bare::Touched;
use super::envelope::Envelope;
use super::fixed;
use super::made::Made;
use super::opening;
use super::policy::Policy;
use super::renamed;
use super::reply::{Cause, Refusal};
use super::reports::Reports;
use super::seal::{self, SealTable, Sealed, Sealer};
use super::search::{MEMBER_NAME_MAX, matches_max};
use crate::arguments::Scratch as ArgumentScratch;
use crate::base::limits::{BUFFER_BYTES_SOFT, Limits, edits_max};
use crate::base::reason::Reason;
use crate::identity::Principals;
use crate::redact::{
    Action, Buffers, Match, Passing, REPLACEMENT_BYTES_MAX, RuleId, Rules, Severity, UnseenKind,
    Writing,
};
use crate::wire::scanner::Scanner;
use crate::wire::text;
use crate::wire::trail::Trail;

/// What stands in the place of what was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Nothing,
    /// The replacement of this rule.
    Rule(RuleId),
    /// Nothing, where characters stood that are not seen.
    Unseen(UnseenKind),
    /// The mark for the token that the frame presented.
    Token,
    /// `"private"`, for a cache scope that filtering made untrue.
    Private,
    /// The mark for the end of a text that was too long.
    Truncated,
    /// The credential, where nothing is taken out.
    Credential,
    /// Bytes that were made for this frame: so many from this offset of [`Made`].
    Made {
        from: u32,
        len: u32,
        how: How,
        rule: RuleId,
    },
}

/// Why bytes were made in the place of what a rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The replacement, spelled as what it replaces.
    Redacted,
    /// A few characters of it stay.
    Masked,
    /// A placeholder.
    Sealed,
    /// The secret that a placeholder stood for.
    Opened,
}

/// The mark for a token that a frame presented and also holds elsewhere.
pub(crate) const TOKEN_MARK: &str = "[REDACTED:auth-token]";
/// The mark for the end of a text that was too long.
pub(crate) const TRUNCATED_MARK: &str = " [truncated]";
/// What a cache scope becomes.
pub(crate) const PRIVATE: &str = "\"private\"";
/// A shorter token, where none is configured, is no secret that could be told from ordinary text.
const TOKEN_BYTES_MIN: usize = 8;

impl By {
    /// The bytes that are written: those of the policy that judged, or made for the frame.
    pub(crate) fn bytes<'a>(self, policy: &'a Policy, made: &'a Made) -> &'a [u8] {
        match self {
            By::Made { from, len, .. } => made.bytes(from, len),
            other => other.ready(policy),
        }
    }

    /// What the policy that judged has ready; nothing for what was made.
    pub(crate) fn ready(self, policy: &Policy) -> &[u8] {
        match self {
            By::Nothing | By::Unseen(_) | By::Made { .. } => b"",
            By::Rule(rule) => policy.rules.replacement_json(rule),
            By::Token => TOKEN_MARK.as_bytes(),
            By::Private => PRIVATE.as_bytes(),
            By::Truncated => TRUNCATED_MARK.as_bytes(),
            By::Credential => policy.credential(),
        }
    }

    /// How many bytes are written.
    pub(crate) fn len(self, policy: &Policy) -> usize {
        match self {
            By::Made { len, .. } => len as usize,
            other => other.ready(policy).len(),
        }
    }
}

/// One change: offsets of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub start: u32,
    pub end: u32,
    pub by: By,
    /// How what is taken out is spelled within its string.
    pub writing: Writing,
}

impl Edit {
    pub(crate) fn new(range: Range<usize>, by: By) -> Self {
        let writing = Writing::PLAIN;
        Self { start: range.start as u32, end: range.end as u32, by, writing }
    }

    /// Whether it writes a secret that was sealed.
    pub(crate) fn opens(&self) -> bool {
        matches!(self.by, By::Made { how: How::Opened, .. })
    }
}

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub(crate) struct Scratch {
    pub edits: Vec<Edit>,
    /// What some of them write.
    pub made: Made,
    /// What is taken out since nobody sees it, as far as no secret takes it with it.
    pub unseen: Vec<Edit>,
    /// The strings that are others without it, in rising order.
    pub touched: Vec<Touched>,
    /// Such a string as it leaves, raw and decoded.
    pub bare: Vec<u8>,
    pub bare_decoded: Vec<u8>,
    /// Hashes of the names of one object.
    pub seen: Vec<u64>,
    /// What the frame seals and the session's table does not know yet.
    pub sealed: Vec<Sealed>,
    /// What was found and has to stay as it is.
    pub reports: Reports,
    /// A name of the envelope holds what a rule without an anchor found; it passes untold.
    pub conceals: bool,
    /// A secret, and what is written in its place.
    pub secret: Vec<u8>,
    pub piece: Vec<u8>,
    pub written: Vec<u8>,
    /// A string, or part of one.
    pub decoded: Vec<u8>,
    /// The end of the name of the member whose value is searched.
    pub name: Vec<u8>,
    pub matches: Vec<Match>,
    pub views: Buffers,
    /// Where in the message the strings stand in which something was found.
    pub trail: Trail,
    pub fixed: Vec<usize>,
    /// What the arguments of a call are walked with.
    pub arguments: ArgumentScratch,
}

impl Scratch {
    pub(crate) fn clear(&mut self) {
        self.edits.clear();
        self.made.clear();
        self.unseen.clear();
        self.touched.clear();
        self.sealed.clear();
        self.reports.clear();
        self.conceals = false;
        self.trail.reset();
    }

    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>()
            + self.edits.capacity() * size_of::<Edit>()
            + self.made.memory()
            + self.unseen.capacity() * size_of::<Edit>()
            + self.touched.capacity() * size_of::<Touched>()
            + self.bare.capacity()
            + self.bare_decoded.capacity()
            + seal::memory(&self.sealed)
            + self.seen.capacity() * size_of::<u64>()
            + self.secret.capacity()
            + self.piece.capacity()
            + self.written.capacity()
            + self.decoded.capacity()
            + self.name.capacity()
            + self.matches.capacity() * size_of::<Match>()
            + self.views.memory()
            + self.trail.memory()
            + self.fixed.capacity() * size_of::<usize>()
            + self.arguments.memory()
    }
}

/// What is written in the place of one secret: a replacement, of which each character may be spelled
/// by an escape of an escape of an escape, in a buffer that doubled.
const PIECE_BYTES_MAX: usize = 2 * REPLACEMENT_BYTES_MAX * 6 * 8;

impl Scratch {
    /// Most bytes of memory for frames of this length.
    pub(crate) fn memory_max(frame_bytes_max: usize, limits: &Limits) -> usize {
        let edits = edits_max(frame_bytes_max) + 16;
        // A buffer that grows doubles; the presented token is a copy of its own.
        2 * edits * (2 * size_of::<Edit>() + 2 * size_of::<Touched>() + 3 * size_of::<Match>())
            + 2 * limits.members_max as usize * (size_of::<u64>() + renamed::KEPT_SIZE)
            + size_of::<Self>()
            // The decoded string, as it came and as it leaves, and that raw; the presented token, a
            // secret; what was made, twice while it grows; what is written for one secret.
            + 7 * frame_bytes_max
            + 2 * PIECE_BYTES_MAX
            + 2 * MEMBER_NAME_MAX
            + Buffers::memory_max(frame_bytes_max, matches_max(edits))
            // What a walk over arguments leaves for the next.
            + BUFFER_BYTES_SOFT
            // What is sealed, and what is read to open it: a string at each depth.
            + SealTable::memory_max(limits.seals_max)
            + opening::DEPTH_MAX * frame_bytes_max
            + Scanner::memory_max(limits)
            + Trail::memory_max(limits)
            // A string that may not be changed takes at least the bytes of its name.
            + 2 * frame_bytes_max / fixed::FIXED_BYTES_MIN * size_of::<usize>()
    }
}

/// A frame, and what was read of it.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub frame: &'a [u8],
    pub scan: &'a Scanner,
    pub envelope: &'a Envelope,
    pub rules: &'a Rules,
    /// If tokens are demanded, the one presented is taken out wherever it stands.
    pub principals: &'a Principals,
    /// What is known of sealed secrets.
    pub seals: &'a SealTable,
    /// What it takes to seal more, if the frame goes to where they are sealed.
    pub sealer: Option<Sealer<'a>>,
}

/// Collects the edits of one frame in `scratch.edits`, in rising order and apart from each other.
///
/// # Errors
/// A secret stands where nothing may be changed, its rule blocks it, or more has to be changed than
/// a frame of so many bytes may have changed.
pub(crate) fn collect(
    subject: Subject<'_>,
    frame_bytes_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let token = subject.presented_token();
    let everywhere = subject.must_read_everything(token.as_deref());
    let scan = subject.scan;
    let may_hold = !scan.hits().is_empty() || scan.hits_from().is_some();
    if everywhere || may_hold || !scratch.touched.is_empty() {
        let most = edits_max(frame_bytes_max);
        subject.search(everywhere, token.as_deref(), most, scratch)?;
        subject.place(scratch)?;
        acting::act(subject, frame_bytes_max, scratch)?;
    }
    if let Some(cut) = &subject.envelope.token_cut {
        insert_cuts(&mut scratch.edits, std::slice::from_ref(cut), By::Nothing);
    }
    Ok(())
}

/// Takes stretches out, which come in rising order and apart from each other, for what `by` writes;
/// edits within them go with them.
pub(crate) fn insert_cuts(edits: &mut Vec<Edit>, cuts: &[Range<usize>], by: By) {
    if cuts.is_empty() {
        return;
    }
    let mut merged = Vec::with_capacity(edits.len() + cuts.len());
    let mut rest = edits.iter().copied().peekable();
    for cut in cuts {
        let (start, end) = (cut.start as u32, cut.end as u32);
        while let Some(edit) = rest.next_if(|edit| edit.end <= start) {
            merged.push(edit);
        }
        while rest.next_if(|edit| edit.start < end).is_some() {}
        merged.push(Edit::new(cut.clone(), by));
    }
    merged.extend(rest);
    *edits = merged;
}

/// Puts the credential behind the brace that opens the frame, an object that is not empty. Every
/// other edit stands behind it: the brace is followed by a name.
pub(crate) fn attach(frame: &[u8], edits: &mut Vec<Edit>) {
    if let Some(brace) = memchr(b'{', frame) {
        edits.insert(0, Edit::new(brace + 1..brace + 1, By::Credential));
    }
}

/// How long the frame is once it is edited.
pub(crate) fn edited_len(frame_len: usize, edits: &[Edit], policy: &Policy) -> usize {
    edits
        .iter()
        .fold(frame_len, |len, edit| len - (edit.end - edit.start) as usize + edit.by.len(policy))
}

/// Appends the edited frame.
pub(crate) fn render(frame: &[u8], scratch: &Scratch, policy: &Policy, out: &mut Vec<u8>) {
    let mut at = 0;
    for edit in &scratch.edits {
        out.extend_from_slice(&frame[at..edit.start as usize]);
        out.extend_from_slice(edit.by.bytes(policy, &scratch.made));
        at = edit.end as usize;
    }
    out.extend_from_slice(&frame[at..]);
}

impl Subject<'_> {
    /// The token that the frame presents, decoded, if it is to be taken out elsewhere.
    fn presented_token(&self) -> Option<Vec<u8>> {
        let value = self.envelope.token.as_ref()?;
        let raw = super::envelope::string(self.frame, value)?;
        let mut token = Vec::with_capacity(raw.len());
        text::decode(raw, &mut token);
        let least = if self.principals.are_required() { 1 } else { TOKEN_BYTES_MIN };
        (token.len() >= least).then_some(token)
    }

    /// Whether candidates alone are not enough.
    fn must_read_everything(&self, token: Option<&[u8]>) -> bool {
        let holds_token = token.is_some_and(|token| {
            // Its own member holds it once; an escape may hide it anywhere.
            self.scan.has_hiding_escape()
                || token.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
                || memmem::find_iter(self.frame, token).nth(1).is_some()
        });
        holds_token || (self.rules.enabled() && self.rules.custom_may_match(self.frame))
    }

    /// Whether the string at this place holds a secret or the token that the frame presented, or is
    /// a live token that it did not present. For what is told of a frame that is refused before its
    /// content was judged.
    pub(crate) fn is_secret(&self, value: &Range<usize>) -> bool {
        let Some(raw) = super::envelope::string(self.frame, value) else { return false };
        let (mut decoded, mut matches) = (Vec::new(), Vec::new());
        text::decode(raw, &mut decoded);
        // A path is told only in a frame that was read to its end.
        let passing = match self.envelope.fault {
            None => self.passing(value.start, &mut Trail::default()),
            Some(_) => Passing::Nothing,
        };
        let views = &mut Buffers::default();
        match passing {
            _ if !self.rules.enabled() => {}
            Passing::Everything => {}
            Passing::Nothing => {
                self.rules.find_at_most(None, &decoded, 1, views, &mut matches);
            }
            Passing::Rules(passing) => {
                let rules = self.rules.letting_pass(passing);
                // What passes counts until it is dropped.
                rules.find_at_most(None, &decoded, usize::MAX, views, &mut matches);
            }
        }
        let token = self.presented_token();
        !matches.is_empty()
            || token.is_some_and(|token| memmem::find(&decoded, &token).is_some())
            || self.principals.holds(&decoded)
    }

    /// Judges where the edits stand: some places refuse the frame, some may not be changed.
    fn place(&self, scratch: &mut Scratch) -> Result<(), Refusal> {
        let Scratch { edits, fixed, reports, conceals, decoded, matches, trail, .. } = scratch;
        let envelope = self.envelope;
        fixed.clear();
        if edits.is_empty() {
            return Ok(());
        }
        fixed::collect(self.frame, self.scan, fixed);
        let own = envelope.token.clone().unwrap_or_default();
        let mut refused = None;
        let mut last_fixed = None;
        edits.retain(|edit| {
            let (start, end) = (edit.start as usize, edit.end as usize);
            let within = |range: &Range<usize>| range.start <= start && end <= range.end;
            if within(&own) {
                return false;
            }
            let found = self.weigh(edit.by);
            if self.is_in_envelope(&within) {
                *conceals = true;
                if found.action == Action::Log {
                    reports.add(Reason::SecretSeen, found.rule);
                } else if found.anchored {
                    refused.get_or_insert((Reason::SecretInEnvelope, found.rule));
                }
                return false;
            }
            if found.action == Action::Log {
                reports.add(Reason::SecretSeen, found.rule);
                return false;
            }
            let fixed_at = fixed::around(self.frame, fixed, start, end);
            let is_fixed = fixed_at.is_some();
            if is_fixed && edit.writing != Writing::PLAIN {
                // Such values are often encoded by the side that they go back to. What stands there
                // as it is may have been joined with what is encoded.
                if last_fixed != fixed_at {
                    last_fixed = fixed_at;
                    self.find_bare(fixed_at.unwrap_or_default(), decoded, matches, trail);
                    let mut found = matches.iter().map(|found| self.weigh(By::Rule(found.rule)));
                    if let Some(found) = found.find(Found::applies_everywhere) {
                        refused.get_or_insert((Reason::SecretBlocked, found.rule));
                    }
                }
                return false;
            }
            if is_fixed && !found.applies_everywhere() {
                reports.add(Reason::SecretBlocked, found.rule);
                return false;
            }
            if is_fixed || found.action == Action::Block {
                refused.get_or_insert((Reason::SecretBlocked, found.rule));
                return false;
            }
            true
        });
        match refused {
            Some((reason, rule)) => Err(Refusal { rule, ..reason.into() }),
            None => Ok(()),
        }
    }

    /// What there is to say about what was found.
    fn weigh(&self, by: By) -> Found {
        let By::Rule(rule) = by else {
            // The token that the frame presented is a secret of the highest severity.
            let (anchored, critical) = (true, true);
            return Found { rule: None, anchored, critical, action: Action::Redact };
        };
        let info = self.rules.info(rule);
        Found {
            rule: Some(Cause::Rule(rule)),
            // What the host itself forbids by name is no guess.
            anchored: info.anchored || info.custom && self.rules.action(rule) == Action::Block,
            critical: info.severity == Severity::Critical,
            action: self.rules.action(rule),
        }
    }

    /// Whether it stands where the protocol reads names.
    fn is_in_envelope(&self, within: &impl Fn(&Range<usize>) -> bool) -> bool {
        let envelope = self.envelope;
        [&envelope.id, &envelope.method_at, &envelope.params_name].into_iter().flatten().any(within)
            || self.scan.top().iter().any(|member| within(&member.at.name))
    }
}

/// What decides about a secret besides its place.
struct Found {
    rule: Option<Cause>,
    anchored: bool,
    critical: bool,
    action: Action,
}

impl Found {
    /// Whether it refuses a frame where nothing may be changed, rather than being reported.
    fn applies_everywhere(&self) -> bool {
        self.anchored && (self.critical || self.action == Action::Block)
    }
}
