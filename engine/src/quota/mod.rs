//! How often, how many and how much: arithmetic of limits, and the bounded tables that keep them.
