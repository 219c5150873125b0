//! tmp
use portcullis_transports::*;
use std::sync::Arc;
fn main() -> std::process::ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    if args[1] == process::GUARD_ARGUMENT { return process::stand_guard(); }
    process::close_on_exec();
    let r = driver::Driver::start(driver::Setup{command: args[3..].to_vec(), policy: Arc::new(portcullis_engine::Policy::default()), limits: portcullis_engine::Limits::default(), audit: None, stats: false}).and_then(|d| d.run());
    match r { Ok(c) => c.into(), Err(e) => { eprintln!("portcullis: {e}"); e.exit_code().into() } }
}
