//! Who a peer is: live tokens, what they are for, and credentials that a host hands over.
