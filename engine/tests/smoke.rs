use portcullis_engine::*;
use std::sync::Arc;
fn run(config: PolicyConfig, script: &[(Side, &str)]) -> (String, String, Vec<Event>) {
    let mut ledger = Ledger::new();
    let now = Time::new(0, 0);
    let mut e = Engine::new(
        Arc::new(Policy::compile(&config).unwrap()),
        Limits::default(),
        Wanted::ALL,
        now,
    )
    .unwrap();
    let (mut c, mut s, mut ev) = (vec![], vec![], vec![]);
    for (side, text) in script {
        let n = e.recv_copy(&mut ledger, *side, text.as_bytes(), now);
        assert_eq!(n, text.len());
        loop {
            let mut moved = false;
            for (to, out) in [(Receiver::Client, &mut c), (Receiver::Server, &mut s)] {
                loop {
                    let b = e.send_ready(to);
                    let n = b.len();
                    if n == 0 {
                        break;
                    }
                    out.extend_from_slice(b);
                    e.send_commit(&mut ledger, to, n);
                    moved = true;
                }
            }
            while let Some(x) = e.next_event() {
                ev.push(x);
                moved = true;
            }
            e.tick(&mut ledger, now);
            if !moved {
                break;
            }
        }
    }
    (String::from_utf8(c).unwrap(), String::from_utf8(s).unwrap(), ev)
}
#[test]
fn smoke() {
    let (c, s, ev) = run(
        PolicyConfig::default(),
        &[
            (
                Side::Client,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"arguments\":{\"a\":\"AKIAABCDEFGHIJKLMNOP zz\"}},\"auth_token\":\"q\"}\n{\"jsonrpc\":\"2.0\",\"METHOD\":\"x\",\"id\":2}\nnope\n",
            ),
            (
                Side::Server,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\nlog line\n",
            ),
            (
                Side::Client,
                "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"id\":\"6\",\"method\":\"ping\"},3]\n",
            ),
            (
                Side::Server,
                "{\"jsonrpc\":\"2.0\",\"id\":\"6\",\"result\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"x\":1}}\n",
            ),
        ],
    );
    println!("CLIENT\n{c}\nSERVER\n{s}\n");
    for e in ev {
        println!("{:?} {:?} {:?} {:?}", e.kind, e.message, e.reason, e.method);
    }
}
