//! Each workload at 1, 2, 4 and 8 times the size through the engine, `IgnoredAny` and memchr.
//!
//! The three have to be read together: the engine's line over the size must be as straight as
//! memchr's, also for the pathological workloads.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis_benches::drive::Driver;
use portcullis_benches::hostile::HOSTILE;
use portcullis_benches::workload::{KINDS, WORKLOADS};
use portcullis_engine::{Engine, Limits, Policy, Side, Time, Wanted};
use serde::de::IgnoredAny;

fn guard(criterion: &mut Criterion) {
    let policy = Arc::new(Policy::default());
    for workload in WORKLOADS.iter().chain(KINDS).chain(HOSTILE) {
        let mut group = criterion.benchmark_group(workload.name);
        for size in SIZES {
            let (ask, answer) = workload.turn(1, size);
            group.throughput(Throughput::Bytes((ask.len() + answer.len()) as u64));
            let limits = Limits::default();
            let engine = Engine::new(policy.clone(), limits, Wanted::NONE, Time::default());
            let mut driver = Driver::new(engine.expect("default limits and policy fit"));
            group.bench_function(BenchmarkId::new("engine", size), |bencher| {
                bencher.iter(|| {
                    driver.feed(Side::Client, &ask);
                    driver.feed(Side::Server, &answer);
                });
            });
            group.bench_function(BenchmarkId::new("ignored_any", size), |bencher| {
                bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(&answer)).is_ok());
            });
            group.bench_function(BenchmarkId::new("memchr", size), |bencher| {
                bencher.iter(|| memchr::memchr(0, black_box(&answer)));
            });
        }
        group.finish();
    }
}

const SIZES: [usize; 4] = [16 << 10, 32 << 10, 64 << 10, 128 << 10];

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(50))
        .measurement_time(std::time::Duration::from_millis(150));
    targets = guard
}
criterion_main!(benches);
