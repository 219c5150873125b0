//! `servers`: the servers of `serve`, each with a name, a command, an environment and a socket.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::Schema;
use crate::config::environment::literal;
use crate::config::fault::Place;
use crate::config::settings::{EnvironmentSettings, ServerSettings};
use crate::config::tree::{Node, Value};
use crate::paths::{self, Location};

const SERVER: &[&str] = &["name", "command", "env", "socket"];
const ENVIRONMENT: &[&str] = &["pass", "set"];
/// A name is part of a path and of each record.
const NAME_BYTES_MAX: usize = 64;
/// The system takes 107 bytes for the path of a socket, and `.status` is added to it.
const SOCKET_BYTES_MAX: usize = 100;
/// What the daemon adds to the path of a socket for those beside it, and what they are for.
const SUFFIXES: [(&str, &str); 2] = [(".status", "the status"), (".ask", "the approvals")];

/// What an entry says of a server.
#[derive(Default)]
pub(super) struct Given {
    pub name: Option<String>,
    command: Vec<OsString>,
    environment: EnvironmentSettings,
    /// Where it stands, where it leads, and at which key.
    socket: Option<(Place, Option<Location>, String)>,
}

impl Schema<'_> {
    pub(super) fn servers(&mut self, node: Node, path: &str) {
        for (index, item) in self.walk.items(node, path).into_iter().enumerate() {
            self.one_server(item, &format!("{path}[{index}]"));
        }
    }

    fn one_server(&mut self, node: Node, path: &str) {
        let place = node.place;
        self.walk.keys.push((path.to_owned(), place));
        let faults = self.walk.faults.len();
        let mut given = Given::default();
        for (key, path, node) in self.walk.members(node, path, SERVER) {
            match key {
                "name" => given.name = self.server_name(node, &path),
                _ => self.server_member(key, node, &path, &mut given),
            }
        }
        if self.walk.faults.len() == faults {
            self.add_server(given, place, path, "name");
        }
    }

    /// A member that servers have wherever they are listed.
    pub(super) fn server_member(&mut self, key: &str, node: Node, path: &str, given: &mut Given) {
        match key {
            "command" => given.command = self.command(node, path),
            "env" => given.environment = self.environment(node, path),
            _ => given.socket = Some((node.place, self.location(node, path), path.to_owned())),
        }
    }

    /// Takes a server; `naming` is the key of its name.
    pub(super) fn add_server(&mut self, given: Given, place: Place, path: &str, naming: &str) {
        let Given { name, command, environment, socket } = given;
        let Some(name) = name else { return self.missing(place, path, naming) };
        if command.is_empty() {
            return self.missing(place, path, "command");
        }
        let (place_of_socket, socket, key) =
            socket.unwrap_or_else(|| self.default_socket(&name, place, &format!("{path}.socket")));
        let Some(socket) = socket else { return };
        if self.socket_fits(&socket, place_of_socket, &key) {
            self.settings.servers.push(ServerSettings {
                name,
                command,
                environment,
                socket,
                place,
            });
        }
    }

    pub(super) fn server_name(&mut self, node: Node, path: &str) -> Option<String> {
        let place = node.place;
        let name = self.walk.text(node, path)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty()
            || name.len() > NAME_BYTES_MAX
            || !name.bytes().all(plain)
            || name.starts_with(['.', '-'])
        {
            let what = "is no name of a server";
            let remedy = "take 1 to 64 letters, digits, dots, dashes and underscores, \
                and none of `.` and `-` at the beginning";
            self.walk.fault(place, path, what, remedy);
            return None;
        }
        if self.settings.servers.iter().any(|server| server.name == name) {
            self.walk.fault(place, path, "another server has this name", "give it another one");
            return None;
        }
        Some(name)
    }

    /// A program and its arguments.
    pub(super) fn command(&mut self, node: Node, path: &str) -> Vec<OsString> {
        let place = node.place;
        if !matches!(node.value, Value::List(_)) {
            let what = format!("has to be a list, and {} stands here", node.value.shape());
            self.walk.fault(place, path, what, "write it as [PROGRAM, ARGUMENT, ...]");
            return Vec::new();
        }
        let mut command: Vec<OsString> = Vec::new();
        for (index, item) in self.walk.items(node, path).into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            let place = item.place;
            let Some(text) = self.walk.text(item, &path) else { continue };
            if text.contains('\0') {
                self.walk.fault(place, &path, "holds a NUL, which no command takes", "remove it");
            } else if index == 0 {
                command.extend(self.program(&text, place, &path));
            } else {
                command.push(text.into());
            }
        }
        command
    }

    /// A name to be looked for, or a path; a relative path is taken from the directory of the file.
    fn program(&mut self, text: &str, place: Place, path: &str) -> Option<OsString> {
        if text.is_empty() {
            self.walk.fault(place, path, "the program is empty", "name one");
            return None;
        }
        if !text.contains('/') {
            return Some(text.into());
        }
        let program = Path::new(text);
        let checked = match program.starts_with("~") {
            true => Err(paths::PathFault::Home),
            false => paths::check(program),
        };
        match checked {
            // An absolute path stays what it is.
            Ok(()) => {
                let names = program.components().filter(|name| *name != Component::CurDir);
                let names: PathBuf = names.collect();
                Some(self.folder.join(names).into())
            }
            Err(fault) => {
                self.walk.fault(place, path, fault.to_string(), "");
                None
            }
        }
    }

    fn environment(&mut self, node: Node, path: &str) -> EnvironmentSettings {
        let mut environment = EnvironmentSettings::default();
        for (key, path, node) in self.walk.members(node, path, ENVIRONMENT) {
            if key == "pass" {
                for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    let place = item.place;
                    let Some(name) = self.walk.text(item, &path) else { continue };
                    if self.variable(name.strip_suffix('*').unwrap_or(&name), place, &path) {
                        environment.pass.push(name);
                    }
                }
                continue;
            }
            for (name, node) in self.walk.entries(node, &path) {
                let place = node.place;
                if !self.variable(&name, place, &path) {
                    continue;
                }
                let path = format!("{path}.{name}");
                self.settings.holds_token |= names_a_secret(&name) && holds_text(&node);
                let Some(value) = self.walk.text(node, &path) else { continue };
                if value.contains('\0') {
                    self.walk.fault(
                        place,
                        &path,
                        "holds a NUL, which no variable takes",
                        "remove it",
                    );
                } else {
                    environment.set.insert(name, value);
                }
            }
        }
        environment
    }

    /// Whether this is a name of a variable, and not one of ours.
    fn variable(&mut self, name: &str, place: Place, path: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let good = name.bytes().all(plain)
            && !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if !good {
            let remedy = "take letters, digits and underscores, no digit first";
            self.walk.fault(place, path, "is no name of a variable", remedy);
        } else if name.starts_with("PORTCULLIS_") {
            let what = "variables of PORTCULLIS_ are our own, and no server gets them";
            self.walk.fault(place, path, what, "remove it");
        }
        good && !name.starts_with("PORTCULLIS_")
    }

    /// Beside the other sockets of this user, or beside the file.
    fn default_socket(
        &mut self,
        name: &str,
        place: Place,
        key: &str,
    ) -> (Place, Option<Location>, String) {
        let runtime = (self.walk.environment)("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|path| path.is_absolute() && paths::check(path).is_ok());
        let location = match runtime {
            Some(base) => Location::new(&base, Path::new(&format!("portcullis/{name}.sock")), key),
            None => Location::new(&self.folder, Path::new(&format!("{name}.sock")), key),
        };
        let location = location.expect("a name is a plain name of a file");
        (place, self.claimed(location, place, key), key.to_owned())
    }

    fn socket_fits(&mut self, socket: &Location, place: Place, key: &str) -> bool {
        let path = socket.path().into_os_string();
        let bytes = path.len();
        if bytes > SOCKET_BYTES_MAX {
            let what = format!("the path has {bytes} bytes, and a socket takes {SOCKET_BYTES_MAX}");
            self.walk.fault(place, key, what, "name a shorter one");
            return false;
        }
        for (suffix, noun) in SUFFIXES {
            let mut beside = path.clone();
            beside.push(suffix);
            if self.claimed.iter().any(|(claimed, _)| *claimed == *beside) {
                let what = format!("its {suffix} is taken");
                self.walk.fault(place, key, what, "give each a path of its own");
                return false;
            }
            self.claimed.push((beside.into(), format!("{noun} of {key}")));
        }
        true
    }
}

/// Whether a variable of this name holds a secret, as people name them.
fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY"].iter().any(|end| name.ends_with(end))
}

/// Whether a value stands in the file itself, and not only the names of variables.
fn holds_text(node: &Node) -> bool {
    matches!(&node.value, Value::Text(text) if !literal(text).is_empty())
}
