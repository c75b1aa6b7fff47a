//! The command line: parse, dispatch, exit code; nothing else.

fn main() {}
