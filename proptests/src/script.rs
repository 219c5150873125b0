//! Sessions as bytes, for a fuzzer: a line for each step, so that mutations are edits of a script
//! and a seed can be read.
//!
//! ```text
//! 0123          four bytes: policy, limits, schedule, seed of the schedule
//! c{"jsonrpc".. the client sends a line; C: without its newline
//! s.. S..       the server
//! x y           the client closes, the server closes
//! w..           time passes: a second for each byte that follows
//! d..           a drain, of a second for each byte
//! a n           the host says yes, no
//! p             the policy is exchanged
//! ```

use portcullis_engine::{Answer, PolicyConfig, Rules, Side, UnreadableId};

use crate::random::Random;
use crate::streams;
use crate::world::{Drained, Schedule, Setup, Step};

/// A script that was read.
pub struct Script {
    /// Policy and limits.
    pub setup: Setup,
    /// The policy that a swap brings.
    pub other: PolicyConfig,
    /// How the bytes are cut.
    pub schedule: Schedule,
    /// What happens.
    pub steps: Vec<Step>,
}

/// Reads a script; every byte string is one.
#[must_use]
pub fn read(bytes: &[u8]) -> Script {
    let (head, lines) = bytes.split_at(bytes.len().min(4));
    let at = |index: usize| head.get(index).copied().unwrap_or_default();
    let [policy, limits, schedule, seed] = [at(0), at(1), at(2), at(3)];
    let mut setup =
        Setup { limits: streams::small_limits(u32::from(limits & 3)), ..Setup::default() };
    if limits & 4 != 0 {
        setup.limits.frame_bytes_max = [4 << 10; 2];
        setup.limits.answers_owed_max = 1;
        setup.limits.events_max = 8;
    }
    setup.policy = policy_of(policy);
    let other = policy_of(policy.rotate_left(3) ^ 1);
    let mut random = Random::new(u64::from(schedule) << 8 | u64::from(seed));
    let mut schedule = Schedule::random(&mut random);
    if schedule.drained == Drained::AtEnd {
        // A side that does not read what it is owed makes its lane wait: other lines come first.
        schedule.drained = Drained::EachStep;
    }
    let steps = lines.split(|&byte| byte == b'\n').filter_map(step_of).take(200).collect();
    Script { setup, other, schedule, steps }
}

fn policy_of(bits: u8) -> PolicyConfig {
    let mut policy = PolicyConfig::default();
    if bits & 1 != 0 {
        policy.auth = streams::auth_by_token();
    }
    if bits & 2 != 0 {
        policy.tools.deny.push("denied".to_owned());
        policy.tools.ask.push("echo".to_owned());
    }
    policy.refusals.as_result = bits & 4 != 0;
    policy.batch.enabled = bits & 8 == 0;
    policy.redaction.enabled = bits & 16 == 0;
    policy.requests.timeout_ms = (bits & 32 != 0).then_some(5_000);
    policy.refusals.unreadable_id = match bits >> 6 {
        0 => UnreadableId::Revision,
        1 => UnreadableId::Null,
        _ => UnreadableId::Absent,
    };
    policy
}

fn step_of(line: &[u8]) -> Option<Step> {
    let (&command, rest) = line.split_first()?;
    let ended = || [rest, b"\n"].concat();
    let ms = rest.len().min(400) as u64 * 1_000;
    Some(match command {
        b'c' => Step::Bytes(Side::Client, ended()),
        b's' => Step::Bytes(Side::Server, ended()),
        b'C' => Step::Bytes(Side::Client, rest.to_vec()),
        b'S' => Step::Bytes(Side::Server, rest.to_vec()),
        b'x' => Step::Close(Side::Client),
        b'y' => Step::Close(Side::Server),
        b'w' => Step::Wait(ms),
        b'd' => Step::Drain(ms),
        b'a' => Step::Answer(Answer::Approved),
        b'n' => Step::Answer(Answer::Denied),
        b'p' => Step::Swap,
        _ => return None,
    })
}

/// Scripts out of a file of cases: one for each block of steps, with its inputs only.
#[must_use]
pub fn seeds(cases: &str) -> Vec<Vec<u8>> {
    let blocks = cases.split("```steps\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(seed).filter(|seed| seed.len() > 4).collect()
}

fn seed(block: &str) -> Vec<u8> {
    let mut script = vec![0; 4];
    if block.contains("policy {") {
        script[0] = block.contains("\"tokens\"") as u8 | (block.contains("\"deny\"") as u8) << 1;
    }
    for line in block.lines() {
        let step = match line.split_at_checked(2) {
            Some(("c:", rest)) => expand(rest.trim_start(), "c"),
            Some(("s:", rest)) => expand(rest.trim_start(), "s"),
            Some(("c-", rest)) => expand(rest.trim_start(), "C"),
            Some(("s-", rest)) => expand(rest.trim_start(), "S"),
            Some(("c.", _)) => b"x".to_vec(),
            Some(("s.", _)) => b"y".to_vec(),
            _ if line.starts_with('@') => b"wxxxxx".to_vec(),
            _ if line.starts_with("drain") => b"dx".to_vec(),
            _ if line.starts_with("approve") => b"a".to_vec(),
            _ if line.starts_with("deny") => b"n".to_vec(),
            _ => continue,
        };
        if step.contains(&b'\n') || step.len() > 2_000 {
            continue;
        }
        script.extend(step);
        script.push(b'\n');
    }
    script
}

/// What a line of a case stands for, as far as a seed needs it.
fn expand(text: &str, command: &str) -> Vec<u8> {
    let mut out = command.as_bytes().to_vec();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('«') {
        let Some((inside, after)) = after.split_once('»') else { break };
        out.extend_from_slice(before.as_bytes());
        let hex = |at: usize| u8::from_str_radix(inside.get(at..at + 2)?, 16).ok();
        if let Some(name) = inside.strip_prefix("fake:") {
            out.extend(example(name).into_bytes());
        } else if inside == "CR" {
            out.push(b'\r');
        } else if let Some(bytes) =
            (0..inside.len()).step_by(2).map(hex).collect::<Option<Vec<_>>>()
        {
            out.extend(bytes);
        } else if let Some((part, count)) = inside.rsplit_once('*') {
            let count = count.parse::<usize>().unwrap_or(1).min(300);
            out.extend(part.as_bytes().repeat(count));
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

fn example(rule: &str) -> String {
    let rules = Rules::default();
    let id = rules.iter().find(|&id| rules.info(id).name == rule);
    id.and_then(|id| rules.example(id, 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_become_scripts_that_read_as_they_were() {
        let cases = "# x\n```steps\npolicy {\"tools\":{\"deny\":[\"a\"]}}\nc: {«CR»}\nS: {}\n! passed\ns- «c328»\ns.\n@ 5\n```\n";
        let seeds = seeds(cases);
        let script = read(&seeds[0]);
        assert_eq!(script.setup.policy.tools.deny, ["denied"]);
        let wanted = [
            Step::Bytes(Side::Client, b"{\r}\n".to_vec()),
            Step::Bytes(Side::Server, b"\xc3\x28".to_vec()),
            Step::Close(Side::Server),
            Step::Wait(5_000),
        ];
        assert_eq!(script.steps, wanted);
    }
}
