//! Pieces of work under policies, whose instructions are counted as those of
//! [`instructions`](crate::instructions) are.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use portcullis_engine::identity::Principals;
use portcullis_engine::{CredentialSource, Engine, Limits, Policy, Side, Time, Wanted};

use crate::corpus::Conversation;
use crate::drive::Driver;
use crate::instructions::twice;
use crate::mix;
use crate::policies::{Growth, Part, TOKEN, tokens, turn};

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Clean traffic under a part of the typical policy.
    Traffic(Part),
    /// Calls and their answers under so many rules.
    Rules(Growth, usize),
    /// A credential, with so many live tokens, asked of `Principals::admit`.
    Admit(Guess, usize),
    /// The same in a message, through a whole engine. What is presented is read by more than the
    /// table of tokens: it is taken out of the message, and what looks like a secret is looked at.
    /// So the message is always the same one, and what differs is the live token.
    Frame(Guess, usize),
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What somebody presents who knows more or less of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Wrong at the first byte alone.
    First,
    /// Wrong at the last byte alone.
    Last,
    /// Wrong at each byte.
    Each,
    /// So many bytes, which begin as the token does.
    Length(usize),
    /// The token.
    Right,
}

impl Guess {
    /// Wrong ones of up to 119 bytes, which all have one cost, the yardstick first.
    pub const SHORT: [Self; 8] = [
        Self::First,
        Self::Last,
        Self::Each,
        Self::Length(1),
        Self::Length(42),
        Self::Length(44),
        Self::Length(64),
        Self::Length(119),
    ];
    /// Longer ones, which all have another.
    pub const LONG: [Self; 4] =
        [Self::Length(120), Self::Length(121), Self::Length(500), Self::Length(1_024)];

    /// All of them, the right one last.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::SHORT.into_iter().chain(Self::LONG).chain([Self::Right])
    }

    /// The text that is presented.
    #[must_use]
    pub fn text(self) -> String {
        let len = TOKEN.len();
        match self {
            Self::First => format!("X{}", &TOKEN[1..]),
            Self::Last => format!("{}X", &TOKEN[..len - 1]),
            Self::Each => "X".repeat(len),
            Self::Length(bytes) => {
                TOKEN.chars().chain(std::iter::repeat('x')).take(bytes).collect()
            }
            Self::Right => TOKEN.to_owned(),
        }
    }
}

/// All pieces, in the order in which they are counted.
#[must_use]
pub fn pieces() -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Part::ALL.into_iter().map(Piece::Traffic).collect();
    for growth in Growth::ALL {
        pieces.extend(growth.sizes().iter().map(|&count| Piece::Rules(growth, count)));
    }
    for live in LIVE {
        pieces.extend(Guess::all().map(|guess| Piece::Admit(guess, live)));
        pieces.extend(Guess::all().map(|guess| Piece::Frame(guess, live)));
    }
    pieces
}

/// Does the work once uncounted, and once counted.
///
/// # Panics
/// If a policy does not compile.
pub fn run(piece: Piece, quick: bool, swapped: &mut Option<Swapped>) {
    match piece {
        Piece::Traffic(part) => {
            let talk = part.talk(&traffic(quick));
            let mut driver = part.driver();
            twice(&mut || pass(&mut driver, &talk));
        }
        Piece::Rules(growth, count) => {
            let mut driver = growth.driver(count);
            let turns: Vec<_> = (100..100 + TURNS).map(turn).collect();
            twice(&mut || {
                for (ask, answer) in &turns {
                    driver.feed(Side::Client, ask);
                    driver.feed(Side::Server, answer);
                }
            });
        }
        Piece::Admit(guess, live) => {
            let principals = Principals::compile(&tokens(TOKEN, live).auth).expect("tokens");
            let text = guess.text();
            twice(&mut || {
                for _ in 0..TURNS {
                    let presented = black_box(text.as_bytes());
                    let admitted = principals.admit(presented, CredentialSource::Member, 0, "");
                    let _ = black_box(admitted.is_ok());
                }
            });
        }
        Piece::Frame(guess, live) => {
            let kept = swapped.take().filter(|kept| kept.live == live);
            let Swapped { driver, policies, .. } =
                swapped.insert(kept.unwrap_or_else(|| Swapped::new(live)));
            let policy = policies.iter().find(|(known, _)| *known == guess);
            driver.engine.swap_policy(policy.expect("there is one for each").1.clone());
            let frame = frame(TOKEN);
            twice(&mut || (0..TURNS).for_each(|_| driver.feed(Side::Client, &frame)));
        }
    }
}

/// One engine for all guesses, whose policy is swapped: where memory begins, and so how a search
/// for a byte comes to its first aligned word, is then the same for each.
#[derive(Debug)]
pub struct Swapped {
    live: usize,
    driver: Driver,
    policies: Vec<(Guess, Arc<Policy>)>,
}

impl Swapped {
    fn new(live: usize) -> Self {
        let compiled = |guess: Guess| {
            let policy = Policy::compile(&tokens(&guess.text(), live)).expect("tokens");
            (guess, Arc::new(policy))
        };
        let policies: Vec<_> = Guess::all().map(compiled).collect();
        let mut limits = Limits::default();
        limits.refused_in_a_row_max = 1_000_000;
        let policy = policies[0].1.clone();
        let engine = Engine::new(policy, limits, Wanted::NONE, Time::default());
        Self { live, driver: Driver::new(engine.expect("limits fit")), policies }
    }
}

/// Clean frames of all kinds.
///
/// # Panics
/// If the mix makes no frames.
#[must_use]
pub fn traffic(quick: bool) -> Conversation {
    let bytes = if quick { 300_000 } else { 2_000_000 };
    Conversation::of(&mix::clean(bytes, 1)).expect("the mix makes frames")
}

/// All turns of a conversation, a millisecond apart, so that limits have something to refill.
pub fn pass(driver: &mut Driver, talk: &Conversation) {
    for (up, down) in talk.up.iter().zip(talk.down.iter()) {
        driver.now.monotonic_ms += 1;
        driver.feed(Side::Client, up);
        driver.feed(Side::Server, down);
    }
}

/// A notification with this token, which nobody answers.
fn frame(token: &str) -> Vec<u8> {
    let text = format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"auth_token\":\"{token}\"}}\n"
    );
    text.into_bytes()
}

/// How many tokens are live.
pub const LIVE: [usize; 2] = [1, 16];
/// Turns of a piece of work.
pub const TURNS: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::driver;

    #[test]
    fn guesses_are_as_wrong_as_they_say() {
        let differs = |guess: Guess| {
            let text = guess.text();
            let pairs = text.bytes().zip(TOKEN.bytes());
            pairs.enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect::<Vec<_>>()
        };
        assert_eq!(differs(Guess::First), [0]);
        assert_eq!(differs(Guess::Last), [TOKEN.len() - 1]);
        assert_eq!(differs(Guess::Each).len(), TOKEN.len());
        assert!(differs(Guess::Length(120)).is_empty());
        for live in LIVE {
            let principals = Principals::compile(&tokens(TOKEN, live).auth).expect("tokens");
            for guess in Guess::all() {
                let text = guess.text();
                let found = principals.admit(text.as_bytes(), CredentialSource::Member, 0, "");
                assert_eq!(found.is_ok(), guess == Guess::Right, "{guess:?}");
            }
        }
    }

    #[test]
    fn a_wrong_token_is_refused_and_the_right_one_passes() {
        for (guess, refused) in [(Guess::Last, 1), (Guess::Length(500), 1), (Guess::Right, 0)] {
            let mut driver = driver(&tokens(&guess.text(), 16));
            driver.feed(Side::Client, &frame(TOKEN));
            assert_eq!(driver.engine.metrics().refused[0], refused, "{guess:?}");
        }
    }
}
