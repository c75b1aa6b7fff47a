//! Programs on the command `inhouse`.

use std::process::Command;

/// Runs a CommonJS program in both worlds; both must print `expected` and exit with 0.
#[track_caller]
pub(crate) fn expect(program: &str, expected: &[&str]) {
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("main.cjs"), program).expect("a file");
    for flags in [&["--virtual-time"][..], &[]] {
        let output = Command::new(env!("CARGO_BIN_EXE_inhouse"))
            .args(flags)
            .arg("main.cjs")
            .current_dir(place.path())
            .output()
            .expect("the command starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{flags:?}: {stderr}");
        assert_eq!(output.status.code(), Some(0), "{flags:?}: {stderr}");
    }
}
