//! What a run means for whoever called it: the exit code, and later the comparison with a baseline.

pub mod exit;

pub use exit::Code;
