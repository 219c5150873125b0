//! The schemas that a server listed for its tools, as they passed, and what they say of a call.
//!
//! A schema is kept as text and compiled when its tool is called first. The newest one of a tool
//! counts. The invariant: at most [`TOOLS_MAX`] tools, [`SCHEMAS_BYTES_MAX`] bytes of schemas and
//! [`COMPILED_MAX`] compiled ones are kept; of what had no room it is known that it had none.

use std::borrow::Cow;
use std::ops::Range;

use super::config::{SchemaConfig, Unknown};
#[cfg(not(feature = "schema"))]
use super::no_schema::Schema;
use super::rules::{Call, Refused, Scratch, check_members};
#[cfg(feature = "schema")]
use super::schema::Schema;
use crate::base::error::ConfigError;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::wire::cursor::{Cursor, Member};
use crate::wire::{fold, text};

/// A server has at most so many tools whose schemas are kept.
pub(crate) const TOOLS_MAX: usize = 256;
/// A schema has at most so many bytes.
pub(crate) const SCHEMA_BYTES_MAX: usize = 64 << 10;
/// All schemas have at most so many bytes, and so have the names of their tools.
pub(crate) const SCHEMAS_BYTES_MAX: usize = 1 << 20;
/// Arguments have at most so many bytes.
pub(crate) const ARGUMENTS_BYTES_MAX: usize = 64 << 10;
/// So many are kept compiled; another one takes the place of the one that was asked least lately.
const COMPILED_MAX: usize = 16;

/// What a schema says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "schema"), expect(dead_code, reason = "nothing can be told without it"))]
pub(super) enum Validity {
    Valid,
    Mismatch,
    /// It says nothing, or it would take too long to find out.
    Undecided,
}

/// The schemas of one session.
#[derive(Debug, Default)]
pub(crate) struct SchemaTable {
    tools: Vec<Tool>,
    bytes: usize,
    /// A tool was listed for which there was no room.
    overflowed: bool,
    /// Counts calls.
    clock: u64,
}

#[derive(Debug)]
struct Tool {
    name: Box<str>,
    /// None, if it had no room.
    schema: Option<Box<[u8]>>,
    compiled: Compiled,
}

#[derive(Debug)]
enum Compiled {
    NotYet,
    /// It cannot be.
    Never,
    /// And when it was asked last.
    Schema(Box<Schema>, u64),
}

impl SchemaConfig {
    /// Says whether this build can do it.
    ///
    /// # Errors
    /// [`ConfigError::Setting`], if it cannot.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.validate && !cfg!(feature = "schema") {
            let why = "this build has no schema validation: build with the feature `schema`";
            return Err(ConfigError::Setting("schema.validate".to_owned(), why.to_owned()));
        }
        Ok(())
    }
}

impl SchemaTable {
    /// Keeps the schemas out of the `tools` of a result of `tools/list`, which stand at `tools`.
    /// `raw` gives the inside of a string as it leaves, since the client calls a tool by that name.
    ///
    /// # Errors
    /// The list is not one that two peers read alike.
    pub(crate) fn collect<'a>(
        &mut self,
        frame: &[u8],
        tools: Range<usize>,
        limits: &Limits,
        raw: impl Fn(Range<usize>) -> Cow<'a, [u8]>,
    ) -> Result<(), Reason> {
        let mut cursor = Cursor::new(frame, tools.start);
        if !cursor.enter(b'[') {
            return Err(Reason::BadParamsMember);
        }
        let (mut members, mut hashes) = (Vec::new(), Vec::new());
        while let Some(item) = cursor.element() {
            read_item(frame, item.start, limits, &mut members, &mut hashes)?;
            let name = find(frame, &members, "name")?.ok_or(Reason::BadParamsMember)?;
            if frame.get(name.start) != Some(&b'"') {
                return Err(Reason::BadParamsMember);
            }
            let mut decoded = Vec::new();
            text::decode(&raw(name.start + 1..name.end - 1), &mut decoded);
            let schema = find(frame, &members, "inputSchema")?;
            self.keep(&String::from_utf8_lossy(&decoded), schema.map(|at| &frame[at]));
        }
        Ok(())
    }

    /// Judges the arguments of a call by the schema of its tool.
    ///
    /// # Errors
    /// They are not what it says, or that cannot be told.
    pub(crate) fn judge(
        &mut self,
        config: SchemaConfig,
        call: &Call<'_>,
        limits: &Limits,
        scratch: &mut Scratch,
    ) -> Result<(), Refused> {
        if !config.validate {
            return Ok(());
        }
        let undecided = Err(Refused::by_schema(Reason::Undecided));
        let Some(at) = self.tools.iter().position(|tool| *tool.name == *call.tool) else {
            let passes = config.unknown == Unknown::Pass && !self.overflowed;
            return if passes { Ok(()) } else { undecided };
        };
        let json = match call.arguments.clone() {
            Some(range) => {
                if range.len() > ARGUMENTS_BYTES_MAX {
                    return undecided;
                }
                check_members(call.frame, range.clone(), limits, scratch)?;
                &call.frame[range]
            }
            None => b"{}",
        };
        let validity = self.compiled(at).map_or(Validity::Undecided, |schema| schema.judge(json));
        match validity {
            Validity::Valid => Ok(()),
            Validity::Mismatch => Err(Refused::by_schema(Reason::SchemaMismatch)),
            Validity::Undecided => undecided,
        }
    }

    /// Bytes of memory held, without compiled schemas.
    pub(crate) fn memory(&self) -> usize {
        self.tools.capacity() * size_of::<Tool>() + self.bytes
    }

    /// Keeps the schema of a tool in the place of an older one.
    fn keep(&mut self, name: &str, schema: Option<&[u8]>) {
        let known = self.tools.iter().position(|tool| *tool.name == *name);
        let Some(schema) = schema else {
            // The tool takes what it likes.
            if let Some(at) = known {
                let tool = self.tools.swap_remove(at);
                self.bytes -= tool.bytes();
            }
            return;
        };
        let at = match known {
            Some(at) => at,
            None if self.tools.len() == TOOLS_MAX || !self.has_room(name.len()) => {
                self.overflowed = true;
                return;
            }
            None => {
                self.bytes += name.len();
                let compiled = Compiled::NotYet;
                self.tools.push(Tool { name: name.into(), schema: None, compiled });
                self.tools.len() - 1
            }
        };
        if self.tools[at].schema.as_deref() == Some(schema) {
            return;
        }
        self.bytes -= self.tools[at].schema.as_ref().map_or(0, |old| old.len());
        let has_room = schema.len() <= SCHEMA_BYTES_MAX && self.has_room(schema.len());
        let tool = &mut self.tools[at];
        tool.schema = has_room.then(|| schema.into());
        tool.compiled = if has_room { Compiled::NotYet } else { Compiled::Never };
        self.bytes += tool.schema.as_ref().map_or(0, |new| new.len());
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.bytes + bytes <= SCHEMAS_BYTES_MAX
    }

    /// The compiled schema of a tool, if it can be compiled.
    fn compiled(&mut self, at: usize) -> Option<&Schema> {
        self.clock += 1;
        if let Compiled::NotYet = self.tools[at].compiled {
            self.make_room();
            let compiled = self.tools[at].schema.as_deref().and_then(Schema::compile);
            self.tools[at].compiled = match compiled {
                Some(schema) => Compiled::Schema(Box::new(schema), 0),
                None => Compiled::Never,
            };
        }
        match &mut self.tools[at].compiled {
            Compiled::Schema(schema, asked) => {
                *asked = self.clock;
                Some(schema)
            }
            Compiled::NotYet | Compiled::Never => None,
        }
    }

    /// Forgets the compiled schema that was asked least lately, if there are many.
    fn make_room(&mut self) {
        let asked = |tool: &Tool| match tool.compiled {
            Compiled::Schema(_, asked) => Some(asked),
            _ => None,
        };
        let compiled = self.tools.iter().filter(|tool| asked(tool).is_some()).count();
        if compiled < COMPILED_MAX {
            return;
        }
        let kept = self.tools.iter_mut().filter(|tool| asked(tool).is_some());
        if let Some(oldest) = kept.min_by_key(|tool| asked(tool)) {
            oldest.compiled = Compiled::NotYet;
        }
    }
}

impl Tool {
    fn bytes(&self) -> usize {
        self.name.len() + self.schema.as_ref().map_or(0, |schema| schema.len())
    }
}

impl Refused {
    const fn by_schema(reason: Reason) -> Self {
        Self { rule: None, reason, word: "schema" }
    }
}

/// Reads the members of one item, each name once.
fn read_item(
    frame: &[u8],
    at: usize,
    limits: &Limits,
    members: &mut Vec<Member>,
    hashes: &mut Vec<u64>,
) -> Result<(), Reason> {
    members.clear();
    hashes.clear();
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return Err(Reason::BadParamsMember);
    }
    while let Some(member) = cursor.member() {
        if members.len() == limits.members_max as usize {
            return Err(Reason::TooManyMembers);
        }
        hashes.push(fold::hash(&frame[member.name.clone()]));
        members.push(member);
    }
    hashes.sort_unstable();
    if hashes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Reason::DuplicateMember);
    }
    Ok(())
}

/// The value of the member of this name. One that differs by case only is an error: some decoders
/// take it.
fn find(frame: &[u8], members: &[Member], name: &str) -> Result<Option<Range<usize>>, Reason> {
    let mut raw = Vec::new();
    text::encode(name, &mut raw);
    let wanted = fold::hash(&raw);
    let found = members.iter().find(|member| fold::hash(&frame[member.name.clone()]) == wanted);
    match found {
        Some(member) if text::equals(&frame[member.name.clone()], name.as_bytes()) => {
            Ok(Some(member.value.clone()))
        }
        Some(_) => Err(Reason::FoldedMember),
        None => Ok(None),
    }
}
