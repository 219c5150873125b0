//! `serve`, `log`, `audit`, `paths`: what belongs to the host, and places in the file system.

use std::path::{Path, PathBuf};

use super::Schema;
use crate::config::fault::Place;
use crate::config::tree::{Node, Value};
use crate::log::{Format, Level};
use crate::paths::{self, Location, PathFault};

const SERVE: &[&str] = &["clients_max", "children_max", "drain_ms"];
const LOG: &[&str] = &["level", "file", "format"];
pub(super) const LEVELS: &[(&str, Level)] = &[
    ("error", Level::Error),
    ("warn", Level::Warn),
    ("info", Level::Info),
    ("debug", Level::Debug),
];
const FORMATS: &[(&str, Format)] = &[("text", Format::Text), ("json", Format::Json)];
/// Sessions and processes of one daemon: beyond it the system's own tables end.
const SESSIONS_MAX: u64 = 65_536;
/// An hour: who waits longer for a daemon to end, ends it otherwise.
const DRAIN_MS_MAX: u64 = 3_600_000;

impl Schema<'_> {
    pub(super) fn serve(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, SERVE) {
            let range = if name == "drain_ms" { 0..=DRAIN_MS_MAX } else { 1..=SESSIONS_MAX };
            let Some(value) = self.walk.ranged(node, &path, range) else { continue };
            let serve = &mut self.settings.serve;
            match name {
                "clients_max" => serve.clients_max = value as u32,
                "children_max" => serve.children_max = value as u32,
                _ => serve.drain_ms = value,
            }
        }
    }

    /// A key without a value is the default, here and in `audit`.
    pub(super) fn log(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, LOG) {
            if matches!(node.value, Value::Null) {
                continue;
            }
            match name {
                "level" => self.settings.log.level = self.walk.choice(node, &path, "level", LEVELS),
                "file" => self.settings.log.file = self.location(node, &path),
                _ => {
                    self.settings.log.format = self.walk.choice(node, &path, "format", FORMATS);
                }
            }
        }
    }

    pub(super) fn audit(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &["file"]) {
            if !matches!(node.value, Value::Null) {
                self.settings.audit = self.location(node, &path);
            }
        }
    }

    pub(super) fn paths(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &["allow"]) {
            for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                let path = format!("{path}[{index}]");
                let place = item.place;
                let Some(text) = self.walk.text(item, &path) else { continue };
                let allowed = PathBuf::from(text);
                if let Err(fault) = paths::check(&allowed) {
                    self.walk.fault(place, &path, fault.to_string(), "");
                } else if !allowed.is_absolute() {
                    let what = "has to be an absolute directory";
                    self.walk.fault(place, &path, what, "begin it with /");
                } else {
                    self.walk.keys.push((path, place));
                    self.settings.allow.push(allowed);
                }
            }
        }
    }

    /// A path out of the file: below the directory of the file, or below an allowed one.
    pub(super) fn location(&mut self, node: Node, path: &str) -> Option<Location> {
        let place = node.place;
        let text = self.walk.text(node, path)?;
        match self.locate(Path::new(&text), path) {
            Ok(location) => self.claimed(location, place, path),
            Err(fault) => {
                self.walk.fault(place, path, fault.to_string(), "");
                None
            }
        }
    }

    fn locate(&self, path: &Path, key: &str) -> Result<Location, PathFault> {
        // Checked whole, so that the reason is the first one.
        paths::check(path)?;
        if path.starts_with("~") {
            return Err(PathFault::Home);
        }
        if path.is_relative() {
            return Location::new(&self.folder, path, key);
        }
        let bases = self.settings.allow.iter().chain([&self.folder]);
        // The nearest one: less is trusted on the way.
        let base =
            bases.filter(|base| path.starts_with(base)).max_by_key(|base| base.iter().count());
        let outside = || PathFault::outside(&self.folder);
        let base = base.ok_or_else(outside)?;
        let rest = path.strip_prefix(base).map_err(|_| outside())?;
        // The end of the text is looked at, too: a component has no slash at its end.
        let named = !path.as_os_str().as_encoded_bytes().ends_with(b"/");
        if named { Location::new(base, rest, key) } else { Err(PathFault::NoName) }
    }

    /// The location, unless it is taken. A socket has a second one beside it for its status.
    pub(super) fn claimed(
        &mut self,
        location: Location,
        place: Place,
        key: &str,
    ) -> Option<Location> {
        let path = location.path();
        if let Some((_, taken)) = self.claimed.iter().find(|(claimed, _)| *claimed == path) {
            let what = format!("is the same file as {taken}");
            self.walk.fault(place, key, what, "give each a path of its own");
            return None;
        }
        self.claimed.push((path, key.to_owned()));
        Some(location)
    }
}
