//! `portcullis approve`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use rustix::net::SendFlags;

use super::status::{connect, read_all, sockets};
use super::{ApproveArguments, FOUND, fail, print, tell};
use crate::approval::Code;
use crate::serve::{ORDERS_SUFFIX, Order, Reply, Waits, peer};

/// What `approve` is asked to do, as the command line spells it.
#[derive(Clone, Debug)]
pub(super) enum What {
    List,
    Answer(Code),
}

impl std::str::FromStr for What {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "list" { Ok(What::List) } else { text.parse().map(What::Answer) }
    }
}

pub(super) fn approve(arguments: &ApproveArguments) -> ExitCode {
    let named = (arguments.socket.as_deref(), arguments.config.as_deref());
    let sockets = match sockets(named.0, named.1, "portcullis approve --socket SOCKET") {
        Ok(sockets) => sockets,
        Err(status) => return status,
    };
    let what = match &arguments.what {
        Some(What::Answer(code)) => code,
        _ if arguments.watch => return watch(&sockets, arguments.json),
        _ => return list(&sockets, arguments.json, &mut Vec::new()),
    };
    let order = match arguments.deny {
        true => Order::Deny(what.clone()),
        false => Order::Approve(what.clone()),
    };
    answer(&sockets, &order)
}

/// Has a call go on, or not; whichever daemon it waits at.
fn answer(sockets: &[impl AsRef<Path>], order: &Order) -> ExitCode {
    let mut wrong = Vec::new();
    let mut reached = false;
    for socket in sockets {
        match ask(socket.as_ref(), order) {
            Ok(Reply { answered: Some(call), .. }) => {
                let done = if matches!(order, Order::Deny(_)) { "denied" } else { "approved" };
                let (server, tool) = (shown(&call.server), shown(&call.tool));
                return print(&format!("{done}: {tool} of {server}, session {}\n", call.session));
            }
            Ok(_) => reached = true,
            Err(what) => wrong.push(what),
        }
    }
    if reached {
        let what = "no call waits under this ticket (any more); `portcullis approve list` tells";
        return fail(&what, FOUND);
    }
    told(&wrong)
}

/// Prints what waits, less what is known already; status 1 if a daemon does not answer.
fn list(sockets: &[impl AsRef<Path>], json: bool, known: &mut Vec<Code>) -> ExitCode {
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    let mut waiting = Vec::new();
    let (mut text, mut more) = (String::new(), 0);
    for socket in sockets {
        match ask(socket.as_ref(), &Order::List) {
            Ok(reply) if seen.contains(&reply.pid) => {}
            Ok(reply) => {
                seen.push(reply.pid);
                more += reply.more;
                waiting.extend(reply.waiting);
            }
            Err(what) => wrong.push(what),
        }
    }
    for call in waiting.iter().filter(|call| !known.contains(&call.code)) {
        text.push_str(&if json {
            serde_json::to_string(call).expect("what came as JSON goes as JSON") + "\n"
        } else {
            line(call)
        });
    }
    *known = waiting.into_iter().map(|call| call.code).collect();
    let printed = print(&text);
    if more > 0 {
        tell(&format!("portcullis: {more} more wait\n"));
    }
    if wrong.is_empty() { printed } else { told(&wrong) }
}

/// Prints each call that begins to wait, until it is interrupted or a daemon does not answer.
fn watch(sockets: &[impl AsRef<Path>], json: bool) -> ExitCode {
    let mut known = Vec::new();
    loop {
        let status = list(sockets, json, &mut known);
        if status != ExitCode::SUCCESS {
            return status;
        }
        std::thread::sleep(WATCH);
    }
}

fn told(wrong: &[String]) -> ExitCode {
    wrong.iter().for_each(|what| {
        fail(what, FOUND);
    });
    FOUND.into()
}

fn line(call: &Waits) -> String {
    let arguments = call.arguments.as_ref().map(|raw| shown(raw.get()));
    format!(
        "{}  {} of {}, waits {} s  {}\n",
        shown(call.code.as_str()),
        shown(&call.tool),
        shown(&call.server),
        call.waits_ms / 1_000,
        arguments.unwrap_or_default()
    )
}

/// A text of a peer as one line that a terminal may show: no control, no change of direction.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}

/// Gives an order to the daemon behind a socket.
fn ask(socket: &Path, order: &Order) -> Result<Reply, String> {
    let shown = socket.display().to_string().escape_debug().to_string();
    let connection = connect(socket, ORDERS_SUFFIX)?;
    // Linux tells who listens; elsewhere the modes of socket and directory decide.
    let own = rustix::process::geteuid().as_raw();
    if peer(&connection).is_some_and(|peer| peer.uid != own) {
        return Err(format!("{shown}: the daemon belongs to another user; ask as that user"));
    }
    let mut line = serde_json::to_vec(order).expect("an order is JSON");
    line.write_all(b"\n").expect("memory takes every byte");
    // It fits into the buffer of a socket. Whoever does not take it gives no reply either.
    let _ = rustix::net::send(&connection, &line, SendFlags::NOSIGNAL);
    let text = read_all(connection).ok_or_else(|| format!("{shown}: the daemon did not answer"))?;
    serde_json::from_slice(&text)
        .map_err(|_| format!("{shown}: what answered is no portcullis of this version, or is busy"))
}

/// People are not faster.
const WATCH: Duration = Duration::from_secs(1);
