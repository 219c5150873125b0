//! What the arguments of a call may be.
