//! The client, the bridge, the daemon and the server are killed in turn while a call is in flight:
//! no process, no descriptor and no session is left, and the socket can be taken over at once.
//! `PORTCULLIS_KILL_ROUNDS=1000` makes it long.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::sessions::pid_in;
use crate::support::daemon::{Daemon, Home, call, config_of, is_result, scripted, wait_until};
use crate::support::{Session, children_of, descriptors_of, group_of, ping, rounds, wait_for_none};

/// Holds a child, so that something would be left if only the first process were killed.
const SERVER: &str = "sleep 1000 & echo pid $$ >&2; \"$0\" demo-server; exit";

/// Whose turn it is.
const KILLED: [Killed; 4] = [Killed::Client, Killed::Bridge, Killed::Server, Killed::Daemon];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    Client,
    Bridge,
    Server,
    Daemon,
}

#[test]
fn nothing_is_left_whoever_of_the_four_is_killed() {
    let mut config = config_of(&[scripted("demo", SERVER)]);
    config["socket"] = json!({"rate_limit": 0});
    let home = Home::new(&config);
    let mut daemon = home.serve();
    // What a daemon keeps after its first session, it may keep.
    round(&home, &mut daemon, Killed::Client);
    let holds = descriptors_of(daemon.pid());
    let bare = descriptors_of(std::process::id());
    for number in 0..rounds("PORTCULLIS_KILL_ROUNDS", 100) {
        let killed = KILLED[number % KILLED.len()];
        round(&home, &mut daemon, killed);
        if killed == Killed::Daemon {
            // Nobody clears anything away for the next one.
            daemon = home.serve();
            round(&home, &mut daemon, Killed::Client);
        }
        assert_eq!(descriptors_of(daemon.pid()), holds);
        assert_eq!(children_of(daemon.pid()), [0; 0]);
        assert_eq!(std::fs::read_dir(home.folder()).unwrap().count(), 4, "three sockets, one file");
    }
    assert_eq!(daemon.end(), 0);
    drop(daemon);
    // Other tests run beside this one, so more may be open for a while, but not for good.
    wait_until("our own descriptors are closed", || {
        descriptors_of(std::process::id()) <= bare + 64
    });
}

fn round(home: &Home, daemon: &mut Daemon, killed: Killed) {
    let mut bridge = Session::start(home.bridge("demo.sock"));
    bridge.send(&ping(1));
    let server = pid_in(&daemon.says("pid "));
    let group = group_of(server);
    assert!(is_result(&bridge.output.next().expect("an answer"), 1));
    bridge.send(&call(2, "report"));
    let status = match killed {
        // All that is seen of a client that was killed is that its ends are closed.
        Killed::Client => {
            bridge.close();
            0
        }
        Killed::Bridge => {
            bridge.signal(Signal::KILL);
            137
        }
        Killed::Server => {
            let server = Pid::from_raw(server.try_into().unwrap()).unwrap();
            kill_process(server, Signal::KILL).expect("the server runs");
            1
        }
        Killed::Daemon => {
            daemon.kill();
            1
        }
    };
    let ended = bridge.wait().0;
    assert_eq!(ended, status, "{killed:?} {:?}", bridge.errors.rest());
    if matches!(killed, Killed::Server | Killed::Daemon) {
        let line = bridge.output.next();
        let line = line.unwrap_or_else(|| panic!("{killed:?}: the call is left open"));
        assert!(line.contains(r#""id":2,"#), "{line}");
    }
    wait_for_none(group);
    if killed != Killed::Daemon {
        home.wait_for_counts("demo.sock", 0, 0);
    }
}
