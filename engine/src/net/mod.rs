//! What a network address, a name, a URL, an origin or a path is, and whether a policy lets it be: pure
//! functions that resolve nothing.
