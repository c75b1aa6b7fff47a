//! What a case costs in a warm worker: runtime, context and world made, the program run, everything freed.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use inhouse::{Options, Outcome, run};
use lockstep_protocol::World;

fn written(folder: &Path, name: &str, program: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, program).expect("a file");
    path
}

fn simulated(entry: &Path) -> Outcome {
    let mut options = Options::new(entry.to_path_buf());
    options.world = World::Simulated;
    run(options).expect("a simulated world needs nothing")
}

fn cases(criterion: &mut Criterion) {
    let place = tempfile::tempdir().expect("a directory");
    for (name, file, program) in [
        ("bare", "bare.cjs", "void 0;"),
        ("promise", "promise.cjs", "Promise.resolve().then(() => {});"),
        ("module", "module.mjs", "await 0;"),
        ("tick", "tick.cjs", "process.nextTick(() => {});"),
        ("timer", "timer.cjs", "setTimeout(() => {}, 10);"),
        (
            "a virtual minute",
            "minute.cjs",
            "let n = 0; const t = setInterval(() => { if (++n === 60) clearInterval(t); }, 1000);",
        ),
        ("stream", "stream.cjs", "require('node:stream');"),
    ] {
        let entry = written(place.path(), file, program);
        criterion.bench_function(name, |bencher| bencher.iter(|| black_box(simulated(&entry))));
    }
}

criterion_group!(benches, cases);
criterion_main!(benches);
