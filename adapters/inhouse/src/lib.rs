//! The in-house runtime.
