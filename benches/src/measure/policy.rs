//! What a policy costs: a typical one on clean traffic, each rule more, and a token that is guessed.

use std::collections::HashMap;
use std::hint::black_box;
use std::io;

use portcullis_engine::CredentialSource;
use portcullis_engine::identity::Principals;

use super::guard::faults;
use super::instructions::{count, has_valgrind};
use super::{Scratch, Setup};
use crate::clock::{Paired, spent};
use crate::figure::{Figure, Goal};
use crate::policed::{Guess, LIVE, Piece, TURNS, pass, pieces, traffic};
use crate::policies::{Growth, Part, TOKEN, tokens};
use crate::stats::{median, range};

/// What the typical policy adds to the guard, in processor time and in instructions; what each part
/// of it adds; what a rule more costs, and how straight that line is; and whether the instructions
/// for a token tell how wrong it is. Without valgrind the time alone.
///
/// # Errors
/// A corpus that cannot be made, a binary that is missing, a valgrind that fails.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let mut figures = times(setup)?;
    figures.push(digest_time());
    let binary = setup.binary("instructions", "portcullis-benches")?;
    if !has_valgrind("policy") {
        return Ok(figures);
    }
    let scratch = Scratch::new()?;
    let pieces = pieces();
    let options: &[&str] = if setup.quick { &["--policy", "--quick"] } else { &["--policy"] };
    let counts = count(&binary, options, scratch.path(), pieces.len())?;
    let counts = Counts(pieces.iter().map(Piece::to_string).zip(counts).collect());
    figures.extend(shares(setup, &counts));
    figures.extend(Growth::ALL.map(|growth| line(&counts, growth)));
    figures.extend(constant(&counts));
    Ok(figures)
}

/// Instructions by the name of the piece.
struct Counts(HashMap<String, u64>);

impl Counts {
    fn of(&self, piece: Piece) -> f64 {
        self.0[&piece.to_string()] as f64
    }

    /// For one of its turns.
    fn each(&self, piece: Piece) -> f64 {
        self.of(piece) / TURNS as f64
    }
}

/// Processor time of the typical policy, each pass between two of the default policy over the same
/// frames.
fn times(setup: &Setup) -> io::Result<Vec<Figure>> {
    let talk = setup.conversation()?;
    let rounds = setup.pick(3, ROUNDS);
    let figure = |(name, part, goal): (&'static str, Part, Goal)| {
        let with = part.talk(&talk);
        let (mut plain, mut driver) = (Part::Default.driver(), part.driver());
        let paired =
            Paired::rounds(rounds, || pass(&mut plain, &talk), || pass(&mut driver, &with));
        let costs: Vec<f64> =
            paired.ratios().iter().map(|ratio| (1.0 / ratio - 1.0) * 100.0).collect();
        let (low, high) = range(&costs);
        let rate = paired.rate(talk.bytes());
        let note = format!(
            "{low:.1} to {high:.1}; {rate:.0} MB/s beside {:.0}; {}{}",
            paired.yardstick_rate(talk.bytes()),
            setup.source.name(),
            faults(&driver)
        );
        Figure::new(name, median(&costs), "%").goal(goal).note(note)
    };
    let measured = [
        ("policy.time", Part::Whole, COST),
        ("policy.by_member.time", Part::WholeByMember, COST),
        ("policy.part.credential.time", Part::Credential, Goal::None),
        ("policy.part.rights.time", Part::Rights, Goal::None),
        ("policy.part.arguments.time", Part::Arguments, Goal::None),
        ("policy.part.limits.time", Part::Limits, Goal::None),
        ("policy.part.by_member.time", Part::Member, Goal::None),
    ];
    Ok(measured.map(figure).into())
}

/// The digest of a token, which each message costs that brings one.
fn digest_time() -> Figure {
    let principals = Principals::compile(&tokens(TOKEN, 1).auth).expect("one token");
    let rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let work = || {
                for _ in 0..DIGESTS {
                    let presented = black_box(TOKEN.as_bytes());
                    let _ = black_box(principals.admit(presented, CredentialSource::Member, 0, ""));
                }
            };
            spent(work) * 1e9 / f64::from(DIGESTS)
        })
        .collect();
    Figure::new("policy.token.time", median(&rounds), "ns").note("one token presented, one live")
}

/// Instructions of the typical policy and of its parts beyond those of the default policy.
fn shares(setup: &Setup, counts: &Counts) -> Vec<Figure> {
    let plain = counts.of(Piece::Traffic(Part::Default));
    let talk = traffic(setup.quick);
    let share = |part| (counts.of(Piece::Traffic(part)) / plain - 1.0) * 100.0;
    let turn = |part| (counts.of(Piece::Traffic(part)) - plain) / talk.up.len() as f64;
    let measured = [
        ("policy.instructions", Part::Whole),
        ("policy.by_member.instructions", Part::WholeByMember),
        ("policy.part.credential", Part::Credential),
        ("policy.part.rights", Part::Rights),
        ("policy.part.arguments", Part::Arguments),
        ("policy.part.addresses", Part::Addresses),
        ("policy.part.limits", Part::Limits),
        ("policy.part.by_member", Part::Member),
    ];
    let each = plain / talk.up.len() as f64;
    let figure = |(name, part): (&'static str, Part)| {
        let goal =
            if matches!(part, Part::Whole | Part::WholeByMember) { COST } else { Goal::None };
        let note = format!("{:.0} more for a request and its answer, of {each:.0}", turn(part));
        Figure::new(name, share(part), "%").goal(goal).note(note)
    };
    let mut figures: Vec<Figure> = measured.into_iter().map(figure).collect();
    let [short, long] =
        [Guess::First, Guess::LONG[0]].map(|guess| counts.each(Piece::Admit(guess, 1)));
    figures
        .push(Figure::new("policy.token.instructions", short, "").note(format!(
            "up to 119 bytes; {long:.0} for longer ones; callgrind knows no SHA-NI"
        )));
    figures
}

/// How far the count that is furthest from it lies from a straight line, in percent of what the
/// most rules add.
fn line(counts: &Counts, growth: Growth) -> Figure {
    let count = |size: usize| counts.each(Piece::Rules(growth, size));
    let points: Vec<(f64, f64)> =
        growth.sizes()[1..].iter().map(|&size| (size as f64, count(size))).collect();
    let (each, base) = fit(&points);
    let most = points.last().map_or(0.0, |point| point.0);
    let far = |&(x, y): &(f64, f64)| (y - base - each * x).abs();
    let worst = points.iter().max_by(|a, b| far(a).total_cmp(&far(b)));
    let (at, off) = worst.map_or((0.0, 0.0), |point| (point.0, far(point)));
    let all: Vec<String> =
        growth.sizes().iter().map(|&size| format!("{size}: {:.0}", count(size))).collect();
    let note = format!(
        "furthest at {at}; a rule costs {each:.0} instructions a call, the first one {:.0} more; {}",
        base - count(0),
        all.join(", ")
    );
    Figure::new(growth.name(), 100.0 * off / (each * most).abs(), "%").goal(STRAIGHT).note(note)
}

/// The least squares of a line: its slope, and where it begins.
fn fit(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / count, y / count);
    let (over, under) = points.iter().fold((0.0, 0.0), |sum, point| {
        let dx = point.0 - x;
        (sum.0 + dx * (point.1 - y), sum.1 + dx * dx)
    });
    let slope = over / under;
    (slope, y - slope * x)
}

/// How much the instructions for wrong tokens differ.
fn constant(counts: &Counts) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (name, piece) in WAYS {
        for live in LIVE {
            let spread = |guesses: &[Guess]| {
                let each: Vec<f64> =
                    guesses.iter().map(|&guess| counts.each(piece(guess, live))).collect();
                range(&each)
            };
            let (low, high) = spread(&Guess::SHORT);
            let (long_low, long_high) = spread(&Guess::LONG);
            let right = counts.each(piece(Guess::Right, live));
            let (short, long) = (Guess::SHORT.len(), Guess::LONG.len());
            let note = format!(
                "{low:.0} to {high:.0} for {short} wrong ones of 1 to 119 bytes; {long_low:.0} to \
                 {long_high:.0} for {long} of 120 to 1,024; {right:.0} for the right one"
            );
            // A live token of any length is a digest: presented are 43 bytes in each message.
            let off = match name {
                "frame" => high.max(long_high) - low.min(long_low),
                _ => (high - low).max(long_high - long_low),
            };
            let name = format!("policy.token.{name}.{live}");
            figures.push(Figure::new(name, off, "").goal(Goal::AtMost(0.0)).note(note));
        }
    }
    figures
}

type Way = fn(Guess, usize) -> Piece;
const WAYS: [(&str, Way); 2] = [("admit", Piece::Admit), ("frame", Piece::Frame)];
/// Percent of the guard.
const COST: Goal = Goal::Below(10.0);
/// Percent of what the most rules add.
const STRAIGHT: Goal = Goal::AtMost(5.0);
const ROUNDS: usize = 7;
const DIGESTS: u32 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found() {
        let points: Vec<(f64, f64)> = [1.0, 2.0, 5.0].map(|x| (x, 7.0 + 3.0 * x)).into();
        let (slope, base) = fit(&points);
        assert!((slope - 3.0).abs() < 1e-9 && (base - 7.0).abs() < 1e-9, "{slope} {base}");
    }
}
