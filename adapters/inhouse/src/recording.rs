//! A schedule on disk: the choices that led to a trace.
//!
//! JSON, version 1: `{ "schema": 1, "slack_ms": 20, "choices": [ { "point": "loop update", "ways": 2, "taken": 1, "what": "…" } ] }`. What is beside these
//! keys is the writer's own (`lockstep explore` adds case and trace) and is not read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::schedule::{Choice, Point};

/// The version that is written, and the only one that is read.
const SCHEMA: u32 = 1;

/// Why a recording cannot be replayed. The owner is the user who named the file.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no recording.
    #[error("{}: not a recorded schedule: {source}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// The recording is of another version.
    #[error("{}: a schedule of schema {schema}, and this runtime reads {SCHEMA}; record it again", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        schema: u32,
    },
}

/// A recorded schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    schema: u32,
    /// The slack of the exploration, in milliseconds.
    pub slack_ms: u64,
    choices: Vec<Recorded>,
}

/// One choice of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Recorded {
    point: String,
    ways: u32,
    taken: u32,
    #[serde(default)]
    what: String,
}

impl Recording {
    /// The recording of a run.
    #[must_use]
    pub fn new(slack_ms: u64, choices: &[Choice]) -> Self {
        let recorded = |choice: &Choice| Recorded {
            point: choice.point.to_string(),
            ways: choice.ways,
            taken: choice.taken,
            what: choice.what.clone(),
        };
        Self { schema: SCHEMA, slack_ms, choices: choices.iter().map(recorded).collect() }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// [`RecordingError`] names the file and what is wrong with it.
    pub fn read(path: &str) -> Result<Self, RecordingError> {
        let path = PathBuf::from(path);
        let text = std::fs::read(&path).map_err(|source| RecordingError::Read { path: path.clone(), source })?;
        let recording: Self =
            serde_json::from_slice(&text).map_err(|source| RecordingError::Form { path: path.clone(), source })?;
        if recording.schema != SCHEMA {
            return Err(RecordingError::Version { path, schema: recording.schema });
        }
        Ok(recording)
    }

    /// The ways that were taken, in order.
    #[must_use]
    pub fn ways(&self) -> Vec<u32> {
        self.choices.iter().map(|choice| choice.taken).collect()
    }

    /// The choices; points of an unknown name are left out.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let read = |recorded: &Recorded| {
            let point: Point = recorded.point.parse().ok()?;
            Some(Choice { point, ways: recorded.ways, taken: recorded.taken, what: recorded.what.clone() })
        };
        self.choices.iter().filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_reads_back_what_was_chosen_and_refuses_what_it_does_not_know() {
        let choice = Choice { point: Point::LoopUpdate, ways: 3, taken: 2, what: "5 ms pass".into() };
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("schedule.json");
        let name = path.to_str().expect("a plain name");
        let written = serde_json::to_string(&Recording::new(20, std::slice::from_ref(&choice))).expect("plain data");
        std::fs::write(&path, &written).expect("a file");
        let read = Recording::read(name).expect("it was written so");
        assert_eq!((read.ways(), read.choices(), read.slack_ms), (vec![2], vec![choice], 20));
        std::fs::write(&path, written.replace("\"schema\":1", "\"schema\":2")).expect("a file");
        let error = Recording::read(name).expect_err("another version").to_string();
        assert!(error.ends_with("a schedule of schema 2, and this runtime reads 1; record it again"), "{error}");
        std::fs::write(&path, "[]").expect("a file");
        assert!(matches!(Recording::read(name), Err(RecordingError::Form { .. })));
        assert!(matches!(Recording::read("nowhere.json"), Err(RecordingError::Read { .. })));
    }
}
