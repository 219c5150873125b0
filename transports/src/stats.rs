//! The totals of a session in words, for `--stats` and SIGUSR1.

use std::fmt::Write;

use portcullis_engine::Metrics;

/// A few lines for standard error, each ending with a newline.
#[must_use]
pub fn text(metrics: &Metrics) -> String {
    let mut text = String::new();
    for (side, name) in ["client", "server"].into_iter().enumerate() {
        writeln!(
            text,
            "portcullis: from {name}: {} frames, {} bytes; {} passed, {} changed, {} refused, {} dropped; {} requests open",
            metrics.frames[side],
            metrics.bytes_in[side],
            metrics.passed[side],
            metrics.changed[side],
            metrics.refused[side],
            metrics.dropped[side],
            metrics.requests_open[side],
        )
        .expect("memory takes every text");
    }
    writeln!(
        text,
        "portcullis: {} bytes to client, {} to server; {} edits; {} bytes of noise; {} bytes of memory",
        metrics.bytes_out[0],
        metrics.bytes_out[1],
        metrics.edits,
        metrics.noise_bytes,
        metrics.memory_bytes,
    )
    .expect("memory takes every text");
    text
}
