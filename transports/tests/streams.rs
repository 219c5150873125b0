//! Pipes, files, sockets, and readers and writers that do not behave.

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::fs::{OFlags, fcntl_getfl};
use support::{Lines, Session, finish, note, ping, run, run_script, run_server};

#[test]
fn frames_written_byte_by_byte_arrive_whole() {
    let mut session = Session::start(run(["cat"]));
    let line = note(10).replace("xx", "é日🚀");
    for byte in format!("{line}\n").bytes() {
        session.input.as_mut().unwrap().write_all(&[byte]).unwrap();
    }
    assert_eq!(session.output.next().unwrap(), line);
    session.close();
    assert_eq!(session.wait().0, 0);
}

#[test]
fn standard_input_may_be_dev_null_or_a_file() {
    assert_eq!(finish(&mut run_server()).0, 0);
    let mut file = tempfile::tempfile().unwrap();
    writeln!(file, "{}\n{}", ping(1), ping(2)).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let mut command = run_server();
    command.stdin(file);
    let mut session = Session::start(command);
    let mut answers = session.output.rest();
    answers.sort();
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(answers[0].contains(r#""id":1"#) && answers[1].contains(r#""id":2"#), "{answers:?}");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn standard_output_may_be_dev_null_or_a_file_that_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    std::fs::write(&path, "before\n").unwrap();
    let file = File::options().append(true).open(&path).unwrap();
    let mut command = run_server();
    command.stdout(file);
    let mut session = Session::start(command);
    session.send(&ping(1));
    session.close();
    assert_eq!(session.wait().0, 0);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("before\n{") && text.contains(r#""id":1"#), "{text}");

    let mut command = run_server();
    command.stdout(Stdio::null());
    let mut session = Session::start(command);
    session.send(&ping(1));
    session.close();
    assert_eq!(session.wait().0, 0);
}

#[test]
fn closed_streams_are_no_disaster() {
    // A shell closes them before portcullis starts.
    for close in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let script = format!("\"$0\" run -- \"$0\" demo-server {close}");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, support::PORTCULLIS]).env("XDG_CONFIG_HOME", "/nonexistent");
        assert_eq!(finish(&mut command).0, 0, "{close}");
    }
}

#[test]
fn a_client_that_reads_no_more_ends_the_session() {
    let mut command = run(["cat"]);
    let (reader, writer) = std::io::pipe().unwrap();
    command.stdout(writer);
    let mut session = Session::start(command);
    drop(reader);
    session.send(&note(10));
    // The input stays open: only the broken pipe tells.
    let (status, took) = session.wait();
    assert_eq!(status, 0);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_server_that_closes_its_input_may_go_on_writing() {
    let note = note(5);
    let script = format!("exec <&-; echo ready >&2; sleep 0.2; printf '%s\\n' '{note}'; exit 5");
    let mut session = Session::start(run_script(&script));
    session.errors.find("ready");
    session.send(&ping(1));
    assert_eq!(session.output.next().unwrap(), note);
    assert!(session.output.next().unwrap().contains("server_exited"));
    assert_eq!(session.wait().0, 5);
}

#[test]
fn a_late_answer_still_comes_after_the_end_of_input() {
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    let script = format!("read line; sleep 0.3; printf '%s\\n' '{answer}'");
    let mut session = Session::start(run_script(&script));
    session.send(&ping(1));
    session.close();
    assert_eq!(session.output.rest(), [answer]);
    assert_eq!(session.wait().0, 0);
}

#[test]
fn sockets_are_left_as_they_were() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let theirs = OwnedFd::from(theirs);
    let kept = theirs.try_clone().unwrap();
    let mut command = run_server();
    command.stdin(theirs.try_clone().unwrap()).stdout(theirs);
    let mut process = command.spawn().unwrap();
    drop(command);
    let lines = Lines::of(ours.try_clone().unwrap());
    writeln!(&ours, "{}", ping(1)).unwrap();
    assert!(lines.next().unwrap().contains(r#""id":1"#));
    assert!(!fcntl_getfl(&kept).unwrap().contains(OFlags::NONBLOCK));
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(support::shown(support::wait(&mut process)), 0);
}

#[test]
fn pipes_are_left_as_they_were() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (mut back, output) = std::io::pipe().unwrap();
    let (kept_in, kept_out) = (reader.try_clone().unwrap(), output.try_clone().unwrap());
    let mut command = run(["cat"]);
    command.stdin(reader).stdout(output);
    let mut process = command.spawn().unwrap();
    drop(command);
    let line = note(3) + "\n";
    writer.write_all(line.as_bytes()).unwrap();
    let mut got = vec![0; line.len()];
    back.read_exact(&mut got).unwrap();
    assert_eq!(got, line.as_bytes());
    for flags in [fcntl_getfl(&kept_in), fcntl_getfl(&kept_out)] {
        assert!(!flags.unwrap().contains(OFlags::NONBLOCK));
    }
    drop(writer);
    assert_eq!(support::shown(support::wait(&mut process)), 0);
}

/// Writes until the other side stops reading; how much it took.
fn fill(writer: &mut (impl Write + std::os::fd::AsFd), line: &str, limit: usize) -> usize {
    let flags = fcntl_getfl(&writer).unwrap();
    rustix::fs::fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    let (mut taken, quiet) = (0, Duration::from_millis(300));
    while taken < limit && support::ready(writer, PollFlags::OUT, quiet) {
        let rest = &line.as_bytes()[taken % line.len()..];
        // A pipe that is ready may still be too full for what is left of a line.
        taken += writer.write(rest).unwrap_or_default();
    }
    taken
}

#[test]
fn a_server_that_does_not_read_holds_its_client_back() {
    let note_back = note(7);
    let script = format!("while :; do printf '%s\\n' '{note_back}'; sleep 0.05; done");
    let mut session = Session::start(run_script(&script));
    let limit = 16 << 20;
    let taken = fill(session.input.as_mut().unwrap(), &(note(60_000) + "\n"), limit);
    assert!(taken < 2 << 20, "took {taken} bytes for a server that reads nothing");
    // The other direction goes on, now as well as before.
    for _ in 0..10 {
        assert_eq!(session.output.next().unwrap(), note_back);
    }
    let resident = resident_kib(session.process.id());
    assert!(resident < 24 << 10, "{resident} KiB resident");
}

#[test]
fn a_client_that_does_not_read_holds_its_server_back() {
    let line = note(60_000);
    let script = format!(
        "i=0; while [ $i -lt 400 ]; do printf '%s\\n' '{line}'; i=$((i+1)); echo count $i >&2; done"
    );
    let mut command = run_script(&script);
    let (reader, writer) = std::io::pipe().unwrap();
    command.stdout(writer);
    let mut session = Session::start(command);
    // The server has stopped once it counts no further.
    let mut written: u32 = session.errors.find("count ")[6..].parse().unwrap();
    while let Some(said) = session.errors.next_within(Duration::from_millis(300)) {
        written = said.strip_prefix("count ").map_or(written, |count| count.parse().unwrap());
    }
    assert!(written < 50, "the server wrote {written} frames that nobody reads");
    let resident = resident_kib(session.process.id());
    assert!(resident < 24 << 10, "{resident} KiB resident");
    let lines = Lines::of(reader).rest();
    assert_eq!(lines.len(), 400, "nothing is lost");
    assert!(lines.iter().all(|got| *got == line));
    session.close();
    assert_eq!(session.wait().0, 0);
}

#[test]
fn errors_of_the_server_pass_without_their_secrets() {
    // Made here, so that no file holds anything of this shape.
    let key = format!("{}{}", "AKIA", "QZ7XM2KD5RWT4VNB");
    let script = format!("echo märker >&2; echo 'key {key} in a log' >&2; printf 'no newline' >&2");
    let (status, _, errors) = finish(&mut run_script(&script));
    assert_eq!(status, 0);
    assert!(errors.contains("märker") && errors.contains("in a log"), "{errors}");
    assert!(errors.contains("no newline") && !errors.contains(&key[4..]), "{errors}");
}

#[test]
fn noise_of_the_server_goes_to_standard_error_and_holds_nothing_up() {
    let note = note(5);
    let script = format!("echo 'listening on port 1'; printf '%s\\n' '{note}'");
    let mut session = Session::start(run_script(&script));
    assert_eq!(session.output.rest(), [note]);
    session.errors.find("listening on port 1");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_full_standard_error_does_not_hold_the_session_up() {
    let filler = "e".repeat(1000);
    let script = format!(
        "(i=0; while [ $i -lt 2000 ]; do echo '{filler}'; i=$((i+1)); done) >&2 & \
         while read line; do printf '%s\\n' \"$line\"; done; kill $!"
    );
    let mut command = run_script(&script);
    let (reader, writer) = std::io::pipe().unwrap();
    command.stderr(writer);
    let mut session = Session::start(command);
    let line = note(9);
    for _ in 0..50 {
        session.send(&line);
        assert_eq!(session.output.next().unwrap(), line);
    }
    session.close();
    let (_, took) = session.wait();
    assert!(took < Duration::from_millis(2_500), "{took:?}");
    drop(reader);
}

fn resident_kib(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
