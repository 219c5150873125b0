//! The finder over frames of four sizes and five kinds of text, and beside it, in the same run, a
//! JSON parser that keeps nothing, memchr, and other engines with prefixes of the same rules.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis_benches::references::References;
use portcullis_benches::workload::KINDS;
use portcullis_engine::Rules;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

fn finding(criterion: &mut Criterion) {
    let rules = Rules::default();
    let others = References::of(&rules);
    for kind in KINDS {
        let mut group = criterion.benchmark_group(format!("finding/{}", kind.name));
        for (name, size) in SIZES {
            let (_, frame) = kind.turn(1, size);
            group.throughput(Throughput::Bytes(frame.len() as u64));
            let mut bench = |what: &str, work: &mut dyn FnMut(&[u8]) -> usize| {
                group.bench_function(BenchmarkId::new(what, name), |bencher| {
                    bencher.iter(|| work(black_box(&frame)));
                });
            };
            let mut out = Vec::new();
            bench("find", &mut |frame| {
                out.clear();
                rules.find(frame, &mut out);
                out.len()
            });
            bench("ignored_any", &mut |frame| {
                usize::from(serde_json::from_slice::<IgnoredAny>(frame).is_ok())
            });
            bench("raw_value", &mut |frame| {
                let envelope = serde_json::from_slice::<Envelope<'_>>(frame);
                envelope.ok().and_then(|envelope| envelope.result).map_or(0, |raw| raw.get().len())
            });
            bench("memchr", &mut |frame| memchr::memchr(0, frame).unwrap_or_default());
            bench("aho_corasick_dfa", &mut |frame| others.texts_dfa.find_iter(frame).count());
            // The slow ones would take minutes for the largest frame.
            if size <= SLOW_MAX {
                bench("aho_corasick", &mut |frame| others.texts.find_iter(frame).count());
                bench("regex_set", &mut |frame| others.set.matches(frame).iter().count());
                bench("regexes", &mut |frame| {
                    others.each.iter().map(|regex| regex.find_iter(frame).count()).sum()
                });
            }
        }
        group.finish();
    }
}

const SIZES: [(&str, usize); 4] =
    [("200B", 60), ("4KiB", 4_000), ("64KiB", 65_000), ("4MiB", 4_190_000)];
const SLOW_MAX: usize = 100_000;

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    targets = finding
}
criterion_main!(benches);
