//! `portcullis check`: asks the guard about a URL, a path, an address or an origin, as its rules
//! ask, and opens, resolves and connects to nothing.

use std::fmt::Write as _;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::AnsiColor;
use clap::{Args, Subcommand};
use portcullis_engine::net::{
    AddressClass, AddressEntry, AddressGuard, Denied, OriginGuard, PathGuard, UrlGuard, UrlHost,
    classify, parse_peer,
};
use portcullis_engine::{ConfigError, NetworkConfig};

use super::{BAD_CONFIGURATION, FOUND, complain, fail, help, print, warn};
use crate::clock::Clock;
use crate::config;

#[derive(Debug, Subcommand)]
pub(super) enum CheckCommand {
    /// Whether a URL may be fetched: its form, its host, and the addresses that the host has
    #[command(after_help = help::CHECK_URL)]
    Url(UrlArguments),
    /// Whether a path may be used: how it is written, and where it lies
    #[command(after_help = help::CHECK_PATH)]
    Path(PathArguments),
    /// Whether an address may be connected to; with --client, whether a client may have it
    #[command(after_help = help::CHECK_IP)]
    Ip(IpArguments),
    /// Whether a web page of an origin may send requests
    #[command(after_help = help::CHECK_ORIGIN)]
    Origin(OriginArguments),
}

#[derive(Debug, Args)]
pub(super) struct UrlArguments {
    /// Allow this host too, and no other than those: a name, an address, *.example.com, with :PORT
    #[arg(long, value_name = "HOST")]
    allow: Vec<String>,
    /// Deny this host
    #[arg(long, value_name = "HOST")]
    deny: Vec<String>,
    /// Allow this scheme too
    #[arg(long, value_name = "SCHEME")]
    scheme: Vec<String>,
    #[command(flatten)]
    reach: Reach,
    /// Judge this address too: one that the host resolved to
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    resolved: Vec<IpAddr>,
    #[command(flatten)]
    given: Given,
}

#[derive(Debug, Args)]
pub(super) struct PathArguments {
    /// Allow paths below this directory, and no other than those; relative paths start at the first
    #[arg(long, value_name = "DIR")]
    root: Vec<String>,
    /// Deny paths below this directory
    #[arg(long, value_name = "DIR")]
    deny: Vec<String>,
    /// Judge this path too: the one that it leads to, all links followed
    #[arg(long, value_name = "PATH")]
    resolved: Option<String>,
    /// Take paths for those of Windows
    #[arg(long)]
    windows: bool,
    #[command(flatten)]
    given: Given,
}

#[derive(Debug, Args)]
pub(super) struct IpArguments {
    /// Judge the addresses as those of clients, by the lists of who may connect
    #[arg(long, conflicts_with_all = ["class", "net"])]
    client: bool,
    /// Allow clients of this network or address, and no other than those
    #[arg(long, value_name = "NET", requires = "client")]
    allow: Vec<String>,
    /// Deny clients of this network or address
    #[arg(long, value_name = "NET", requires = "client")]
    deny: Vec<String>,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    given: Given,
}

#[derive(Debug, Args)]
pub(super) struct OriginArguments {
    /// Allow this origin: https://app.example.com, https://*.example.com, http://localhost:*, null
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    allow: Vec<String>,
    #[command(flatten)]
    given: Given,
}

/// Inner addresses that are let be.
#[derive(Debug, Args)]
struct Reach {
    /// Let addresses of this class be, such as loopback or private
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: Vec<AddressClass>,
    /// Let addresses of this network be
    #[arg(long, value_name = "NET")]
    net: Vec<String>,
}

/// What every kind of check takes.
#[derive(Debug, Args)]
struct Given {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What to check; - reads one a line from standard input
    #[arg(value_name = "VALUE", required = true)]
    values: Vec<String>,
}

pub(super) fn check(command: &CheckCommand) -> ExitCode {
    let checked = match command {
        CheckCommand::Url(arguments) => url(arguments),
        CheckCommand::Path(arguments) => path(arguments),
        CheckCommand::Ip(arguments) => ip(arguments),
        CheckCommand::Origin(arguments) => origin(arguments),
    };
    checked.unwrap_or_else(|status| status)
}

fn url(arguments: &UrlArguments) -> Result<ExitCode, ExitCode> {
    let mut config = network(arguments.given.config.as_deref())?.urls;
    config.allow.extend(arguments.allow.iter().cloned());
    config.deny.extend(arguments.deny.iter().cloned());
    config.schemes.extend(arguments.scheme.iter().cloned());
    config.classes.extend(&arguments.reach.class);
    config.nets.extend(arguments.reach.net.iter().cloned());
    let guard = compiled(UrlGuard::compile(&config))?;
    let values = values(&arguments.given, !arguments.resolved.is_empty())?;
    Ok(report(&values, |value| {
        let host = guard.check(value)?;
        if !arguments.resolved.is_empty() {
            guard.check_addresses(&arguments.resolved)?;
            return Ok(String::new());
        }
        Ok(match host {
            UrlHost::Name(_) => "its addresses are still to be judged: --resolved".to_owned(),
            UrlHost::Address(address) => format!("{address}, {}", classify(address).name()),
        })
    }))
}

fn path(arguments: &PathArguments) -> Result<ExitCode, ExitCode> {
    let mut config = network(arguments.given.config.as_deref())?.paths;
    config.roots.extend(arguments.root.iter().cloned());
    config.deny.extend(arguments.deny.iter().cloned());
    config.windows |= arguments.windows;
    let guard = compiled(PathGuard::compile(&config))?;
    let values = values(&arguments.given, arguments.resolved.is_some())?;
    Ok(report(&values, |value| {
        guard.check(value)?;
        arguments.resolved.as_ref().map_or(Ok(()), |path| guard.check_resolved(path))?;
        Ok(String::new())
    }))
}

fn ip(arguments: &IpArguments) -> Result<ExitCode, ExitCode> {
    let network = network(arguments.given.config.as_deref())?;
    let (mut clients, mut urls) = (network.addresses, network.urls);
    let entry = |net: &String| AddressEntry { net: net.clone(), until_ms: None };
    clients.allow.extend(arguments.allow.iter().map(entry));
    clients.deny.extend(arguments.deny.iter().map(entry));
    urls.classes.extend(&arguments.reach.class);
    urls.nets.extend(arguments.reach.net.iter().cloned());
    let (clients, urls) =
        (compiled(AddressGuard::compile(&clients))?, compiled(UrlGuard::compile(&urls))?);
    let values = values(&arguments.given, false)?;
    if let Some(at) = values.iter().position(|value| parse_peer(value).is_none()) {
        let what = format!(
            "value {} is no address: write one such as 192.0.2.1 or 2001:db8::1; `portcullis check \
             url` judges other spellings",
            at + 1
        );
        return Err(fail(&what, BAD_CONFIGURATION));
    }
    let now = Clock::start().now().wall_ms;
    Ok(report(&values, |value| {
        let address = parse_peer(value).expect("it was read before").address;
        match arguments.client {
            true => clients.check(address, now)?,
            false => urls.check_address(address)?,
        }
        Ok(classify(address).name().to_owned())
    }))
}

fn origin(arguments: &OriginArguments) -> Result<ExitCode, ExitCode> {
    let mut config = network(arguments.given.config.as_deref())?.origins;
    config.origins.extend(arguments.allow.iter().cloned());
    if config.origins.is_empty() {
        let what = "no origins are listed, so none is checked: name one with --allow, or list them \
                    in network.origins.origins";
        return Err(fail(&what, BAD_CONFIGURATION));
    }
    let guard = compiled(OriginGuard::compile(&config))?;
    let values = values(&arguments.given, false)?;
    Ok(report(&values, |value| guard.check_origin(Some(value)).map(|()| String::new())))
}

/// What the configuration says of the network; the defaults without one.
fn network(file: Option<&Path>) -> Result<NetworkConfig, ExitCode> {
    let loaded = config::load(file).map_err(|faults| {
        complain(&faults);
        ExitCode::from(BAD_CONFIGURATION)
    })?;
    warn(&loaded.settings.warnings);
    Ok(loaded.settings.policy.network)
}

/// The file was compiled when it was read, so that a fault is one of the flags.
fn compiled<T>(result: Result<T, ConfigError>) -> Result<T, ExitCode> {
    result.map_err(|error| fail(&error, BAD_CONFIGURATION))
}

/// What is to be checked; one thing, if something that was found out belongs to it.
fn values(given: &Given, is_one: bool) -> Result<Vec<String>, ExitCode> {
    let mut values = Vec::new();
    for value in &given.values {
        if value != "-" {
            values.push(value.clone());
            continue;
        }
        let mut text = String::new();
        let read = std::io::stdin().take(TEXT_BYTES_MAX + 1).read_to_string(&mut text);
        if let Err(error) = read {
            return Err(fail(&format!("standard input: {error}"), BAD_CONFIGURATION));
        }
        if text.len() as u64 > TEXT_BYTES_MAX {
            let what = "standard input: more than 16 MiB; give it in parts";
            return Err(fail(&what, BAD_CONFIGURATION));
        }
        values.extend(text.lines().map(str::to_owned));
    }
    if is_one && values.len() != 1 {
        let what = "--resolved belongs to one value: check one at a time";
        return Err(fail(&what, BAD_CONFIGURATION));
    }
    Ok(values)
}

/// One line for each value; status 1 if one is refused.
fn report(values: &[String], judge: impl Fn(&str) -> Result<String, Denied>) -> ExitCode {
    let (good, bad) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default());
    let (mut text, mut refused) = (String::new(), false);
    for value in values {
        let shown = value.escape_debug();
        let line = match judge(value) {
            Ok(note) if note.is_empty() => writeln!(text, "{good}ok{good:#}       {shown}"),
            Ok(note) => writeln!(text, "{good}ok{good:#}       {shown}  ({note})"),
            Err(denied) => {
                refused = true;
                writeln!(text, "{bad}refused{bad:#}  {shown}  {}: {denied}", denied.rule)
            }
        };
        line.expect("memory takes every text");
    }
    let printed = print(&text);
    if refused { FOUND.into() } else { printed }
}

fn address(text: &str) -> Result<IpAddr, &'static str> {
    let wrong = "not an address, such as 192.0.2.1 or 2001:db8::1";
    parse_peer(text).map(|peer| peer.address).ok_or(wrong)
}

fn class(text: &str) -> Result<AddressClass, String> {
    let known = AddressClass::ALL.into_iter().find(|class| class.name() == text);
    known.ok_or_else(|| {
        let names: Vec<&str> = AddressClass::ALL.into_iter().map(AddressClass::name).collect();
        format!("there is no such class; there are: {}", names.join(", "))
    })
}

/// So much is read from standard input.
const TEXT_BYTES_MAX: u64 = 16 << 20;
