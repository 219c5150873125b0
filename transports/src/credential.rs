//! A token from the environment, a file or standard input, and how strong it has to be.
//!
//! It is wiped after use, and no message holds any of it. It is never an argument of a command,
//! since others can see those.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FileType, OFlags};
use zeroize::Zeroizing;

use crate::paths;

/// Reads the token that an environment variable holds.
///
/// # Errors
/// A sentence that names the variable and what mends it.
pub fn from_variable(name: &str) -> Result<Zeroizing<String>, String> {
    let shown = format!("the variable {}", name.escape_debug());
    // The system does not know names of this kind, and the library would panic.
    let possible = !name.is_empty() && !name.contains(['=', '\0']);
    let value = possible.then(|| std::env::var_os(name)).flatten();
    let value = value.ok_or_else(|| format!("{shown} is not set; export it, or name another"))?;
    line(Zeroizing::new(value.into_encoded_bytes()), &shown)
}

/// Reads the token that a file holds. It has to belong to the user or root, and others must not be
/// able to read it.
///
/// # Errors
/// A sentence that names the file and what mends it.
pub fn from_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let shown = path.display().to_string().escape_debug().to_string();
    paths::check(path).map_err(|fault| format!("{shown}: {fault}"))?;
    // A pipe without a writer would not let us go.
    let file = File::options()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(|error| {
        format!("{shown} cannot be read ({error}); name a file that you may read")
    })?;
    let stat = rustix::fs::fstat(&file).map_err(|errno| format!("{shown}: {errno}"))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(format!("{shown} is not a regular file; a token is kept in one"));
    }
    paths::check_owner(&stat, path)
        .and_then(|()| paths::check_private(&stat, path))
        .map_err(|fault| format!("{shown}: {fault}"))?;
    line(read(file, false).map_err(|error| format!("{shown}: {error}"))?, &shown)
}

/// Reads one line of standard input: to its end, or from a terminal to the end of the line.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn from_stdin() -> Result<Zeroizing<String>, String> {
    let shown = "standard input";
    let input = io::stdin();
    // The library's own reader would keep a copy that nobody wipes.
    let bytes =
        input.as_fd().try_clone_to_owned().and_then(|fd| read(fd.into(), input.is_terminal()));
    line(bytes.map_err(|error| format!("{shown}: {error}"))?, shown)
}

/// How strong a token is, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// So short that it is refused.
    Weak,
    /// Short enough for a warning.
    Short,
    /// Long enough.
    Good,
}

impl Strength {
    /// The strength of this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        match token.chars().count() {
            0..CHARS_MIN => Strength::Weak,
            CHARS_MIN..CHARS_GOOD => Strength::Short,
            _ => Strength::Good,
        }
    }
}

/// A shorter token is refused: 16 hexadecimal digits are 64 bits, which a daemon that answers every
/// guess cannot be asked through.
pub const CHARS_MIN: usize = 16;
/// A shorter token is worth a warning: 32 hexadecimal digits are 128 bits.
pub const CHARS_GOOD: usize = 32;

/// A longer token is a mistake: the file is something else.
const BYTES_MAX: usize = 64 << 10;

/// Reads at most one byte more than a token and the end of its line may have. The buffer never
/// grows, since what it grew out of would not be wiped.
fn read(mut file: File, one_line: bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; BYTES_MAX + 3]);
    let mut filled = 0;
    while filled < bytes.len() && !(one_line && bytes[..filled].ends_with(b"\n")) {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// The one line that these bytes have to be, without its end.
fn line(bytes: Zeroizing<Vec<u8>>, shown: &str) -> Result<Zeroizing<String>, String> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(format!("{shown} holds no token; make one with: portcullis token new"));
    }
    if line.len() > BYTES_MAX {
        return Err(format!("{shown} holds more than 64 KiB; a token is one short line"));
    }
    if line.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Err(format!("{shown} holds more than one line; a token is one line"));
    }
    let text = std::str::from_utf8(line)
        .map_err(|_| format!("{shown} is not UTF-8; a token is plain text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<String, String> {
        line(Zeroizing::new(bytes.to_vec()), "x").map(|token| token.to_string())
    }

    #[test]
    fn a_token_is_one_line_without_its_end() {
        for bytes in ["SECRET-1", "SECRET-1\n", "SECRET-1\r\n"] {
            assert_eq!(of(bytes.as_bytes()).as_deref(), Ok("SECRET-1"));
        }
        assert_eq!(of(b" a ").as_deref(), Ok(" a "));
        for bytes in [&b""[..], b"\n", b"\r\n"] {
            assert!(of(bytes).unwrap_err().contains("no token"));
        }
        for bytes in [&b"a\nb"[..], b"a\n\n", b"a\rb", b"a\0"] {
            assert!(of(bytes).unwrap_err().contains("more than one line"));
        }
        assert!(of(b"\xff").unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn the_length_of_a_token_is_bounded() {
        let longest = vec![b'x'; BYTES_MAX];
        assert!(of(&longest).is_ok() && of(&[&longest[..], b"\r\n"].concat()).is_ok());
        assert!(of(&[&longest[..], b"x"].concat()).unwrap_err().contains("64 KiB"));
    }

    #[test]
    fn strength_is_by_characters() {
        for (count, strength) in [
            (CHARS_MIN - 1, Strength::Weak),
            (CHARS_MIN, Strength::Short),
            (CHARS_GOOD - 1, Strength::Short),
            (CHARS_GOOD, Strength::Good),
        ] {
            assert_eq!(Strength::of(&"é".repeat(count)), strength, "{count}");
        }
    }

    #[test]
    fn a_variable_that_cannot_be_is_not_set() {
        for name in ["", "A=B", "A\0B", "PORTCULLIS_NO_SUCH_VARIABLE"] {
            assert!(from_variable(name).unwrap_err().contains("is not set"), "{name:?}");
        }
    }
}
