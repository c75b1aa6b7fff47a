//! What differs from run to run taken out of what a person sees, in this one place.

use super::Place;

impl Place {
    /// Holds text against a reviewed snapshot, without the place's path and without times; escapes are shown.
    #[track_caller]
    pub(crate) fn assert_snapshot(&self, name: &str, text: &str) {
        let text = text.replace(&self.text(""), "[place]/");
        let text: String = text.split_inclusive('\n').map(untimed).collect();
        let text = text.replace('\u{1b}', "␛");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

/// A line without wall times: `in 0.1 s`, `time="0.001"` and `timestamp="…"`.
fn untimed(line: &str) -> String {
    let mut line = line.to_owned();
    for (before, after, shown) in
        [(" results in ", " s", "[time]"), (" result in ", " s", "[time]"), (" time=\"", "\"", "[time]")]
    {
        let mut from = 0;
        while let Some(start) = line[from..].find(before).map(|at| from + at + before.len()) {
            let Some(length) = line[start..].find(after) else { break };
            line.replace_range(start..start + length, shown);
            from = start;
        }
    }
    line
}
