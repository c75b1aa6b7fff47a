//! Matching 10,000 events. The suite's promise is under 50 ms for `unordered` of 20 sequences.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lockstep::trace::{Expr, Outcome, match_trace};

const LANES: usize = 20;
const EVENTS: usize = 500;

/// Twenty sequences of 500 events, and the trace that takes one event of each in turn.
fn merged(name: impl Fn(usize, usize) -> String) -> (Expr, Vec<String>) {
    let sequence = |lane: usize| (0..EVENTS).map(|index| name(lane, index)).collect::<Vec<_>>();
    let branches = (0..LANES).map(|lane| Expr::exactly(&sequence(lane)).expect("events of one line")).collect();
    let turns = (0..EVENTS).flat_map(|index| (0..LANES).map(move |lane| (lane, index)));
    let events = turns.map(|(lane, index)| name(lane, index)).collect();
    (Expr::unordered(branches).expect("twenty branches"), events)
}

fn matching(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trace");
    group.throughput(Throughput::Elements((LANES * EVENTS) as u64));
    let inputs = [
        ("unordered, events of their own", merged(|lane, index| format!("request {lane} event {index}"))),
        ("unordered, shared events", merged(|_, index| format!("event {index}"))),
        ("unordered, shared runs", merged(|_, index| if index < EVENTS - 1 { "data" } else { "end" }.to_owned())),
    ];
    for (name, (expr, events)) in &inputs {
        assert_eq!(match_trace(expr, events), Ok(Outcome::Accepted), "{name}");
        group.bench_function(*name, |bencher| bencher.iter(|| match_trace(expr, events)));
    }
    let events: Vec<String> = (0..10).map(|index| format!("event {index}")).collect();
    let expr = Expr::exactly(&events).expect("events of one line");
    group.throughput(Throughput::Elements(10));
    group.bench_function("a sequence of ten", |bencher| bencher.iter(|| match_trace(&expr, &events)));
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
