//! Where the client may be, and what it may have been told of us: address, origin, name of the host.

use super::Verdict;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::case::Case;
use crate::judge::reply::{Cause, Refusal};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if case.server_is_cut && case.policy.names_servers() {
        // Rules are for servers by their whole names, and this one is not known.
        let rule = Some(Cause::Word("server-name"));
        return Verdict::Refuse(Refusal { rule, ..Reason::Undecided.into() });
    }
    let Some(peer) = case.peer.filter(|_| case.side == Side::Client) else { return Verdict::Pass };
    let network = case.policy.network();
    let address =
        peer.address.map_or(Ok(()), |address| network.addresses().check(address, case.wall_ms));
    let checks = [
        (Reason::AddressDenied, address),
        (Reason::OriginDenied, network.origins().check_origin(peer.origin.as_deref())),
        (Reason::HostDenied, network.origins().check_host(peer.host.as_deref())),
    ];
    for (reason, checked) in checks {
        if let Err(denied) = checked {
            let rule = Some(Cause::Word(denied.rule));
            return Verdict::Refuse(Refusal { rule, ..reason.into() });
        }
    }
    Verdict::Pass
}
