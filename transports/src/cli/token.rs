//! `portcullis token`.

use std::io::IsTerminal;
use std::process::ExitCode;

use anstyle::AnsiColor;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    BAD_CONFIGURATION, FOUND, TokenCommand, TokenSource, WARNING, fail, print_bytes, say, tell,
};
use crate::credential::{self, CHARS_GOOD, CHARS_MIN, Strength};

pub(super) fn token(command: &TokenCommand) -> ExitCode {
    match command {
        TokenCommand::New { bytes } => new(usize::from(*bytes)),
        TokenCommand::Hash(source) => hash(source),
    }
}

/// A token and nothing else on standard output.
fn new(count: usize) -> ExitCode {
    let mut bytes = Zeroizing::new(vec![0; count]);
    if let Err(error) = getrandom::fill(&mut bytes) {
        return fail(&format!("the system gave no random bytes ({error})"), FOUND);
    }
    print_bytes(&hex_line(&bytes))
}

/// The token that the flags name.
///
/// # Errors
/// A sentence that names the variable or the file, and what mends it.
pub(super) fn given(source: &TokenSource) -> Result<Option<Zeroizing<String>>, String> {
    match (&source.token_env, &source.token_file) {
        (Some(name), _) => credential::from_variable(name).map(Some),
        (None, Some(path)) => credential::from_file(path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The digest of a token that is strong enough.
fn hash(source: &TokenSource) -> ExitCode {
    let token = given(source).and_then(|given| match given {
        Some(token) => Ok(token),
        None => {
            if std::io::stdin().is_terminal() {
                tell("portcullis: type the token, which is shown, and press Enter\n");
            }
            credential::from_stdin()
        }
    });
    let token = match token {
        Ok(token) => token,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    let remedy = "make a better one with: portcullis token new";
    match Strength::of(&token) {
        Strength::Weak => {
            let what =
                format!("the token is weak: it has fewer than {CHARS_MIN} characters; {remedy}");
            return fail(&what, FOUND);
        }
        Strength::Short => {
            let what = format!(
                "the token is rather weak: it has fewer than {CHARS_GOOD} characters; {remedy}"
            );
            say(WARNING, AnsiColor::Yellow, &what);
        }
        Strength::Good => {}
    }
    print_bytes(&hex_line(&Sha256::digest(token.as_bytes())))
}

/// A line of hexadecimal digits, which may be as secret as the bytes.
fn hex_line(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    let mut line = Zeroizing::new(Vec::with_capacity(2 * bytes.len() + 1));
    for byte in bytes {
        line.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    line.push(b'\n');
    line
}
