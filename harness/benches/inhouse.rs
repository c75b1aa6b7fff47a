//! How many cases a second the in-house runtime takes, and what a bare case costs on the way through a worker.
//!
//! A pass runs and judges every ordering case that the runtime admits and that starts no child process, on two workers that run already.
//! What a case costs inside a worker is measured by the runtime's own benchmark, `cargo bench -p inhouse`.
//!
//! ```sh
//! cargo bench --bench inhouse
//! ```

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use lockstep::{
    adapter::{Context, Runtime, RuntimeSpec},
    process::Interrupt,
    result::Verdict,
    run::{Pair, Shape, plan, prepare, run_pair},
    suite::{Case, Lane, Suite},
};

/// Workers at a time.
const WORKERS: usize = 2;

fn passes(criterion: &mut Criterion) {
    let suite = Suite::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("a suite without errors");
    let request = prepare::Request {
        runtimes: vec![RuntimeSpec::located("inhouse")],
        inhouse: Some(env!("CARGO_BIN_EXE_lockstep").into()),
        ..prepare::Request::default()
    };
    let context = prepare::context(&request, Interrupt::new().expect("an interrupt of our own")).expect("a temporary folder");
    let prepared = prepare::prepare(&request, &suite, &context).expect("a probe");
    let runtime = prepared.runtimes.first().expect("the in-house runtime is in this build");

    let shape = Shape { timeout_scale: 1.0, deviations: true };
    let mut pairs = plan::pairs(&suite, &suite.cases, &prepared.runtimes, shape);
    pairs.retain(|pair| pair.goal.is_ok() && is_measured(pair.case));
    println!("{} ordering cases, {WORKERS} workers", pairs.len());
    let bare: Vec<Pair<'_>> =
        pairs.iter().min_by_key(|pair| pair.case.program.len()).map(|pair| vec![pair.clone(); 100]).expect("ordering cases");

    let mut group = criterion.benchmark_group("inhouse");
    group.sampling_mode(SamplingMode::Flat).sample_size(20).measurement_time(Duration::from_secs(15));
    for (name, pairs) in [("ordering cases", &pairs), ("the shortest of them, a hundred times", &bare)] {
        group.throughput(Throughput::Elements(pairs.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| pass(pairs, runtime, &context)));
    }
    group.finish();
    runtime.retire(&context);
}

fn is_measured(case: &Case) -> bool {
    case.category() == "ordering" && case.lane == Lane::Ordinary && !case.needs.iter().any(|need| need.contains("child_process"))
}

/// Runs and judges every pair once.
fn pass(pairs: &[Pair<'_>], runtime: &Runtime, context: &Context) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(pair) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let finished = run_pair(pair, runtime, 1, context).expect("nobody interrupts a benchmark");
                    let verdict = finished.result.verdict;
                    assert!(matches!(verdict, Verdict::Pass | Verdict::Known), "{} is {verdict:?}", pair.case.id);
                }
            });
        }
    });
}

criterion_group!(benches, passes);
criterion_main!(benches);
