//! A case of a tiny suite, as text.

/// What marks a program for the fake runtime.
const MARK: &str = "// hostile: case";

/// A case that logs `fine` and may print nothing else, unless it is told otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    id: String,
    keys: Vec<String>,
    program: Vec<String>,
    trace: String,
    exit: Option<String>,
}

impl Case {
    pub(crate) fn new(id: &str) -> Self {
        let program = vec![MARK.to_owned(), "console.log('fine');".to_owned()];
        Self { id: id.to_owned(), keys: vec![], program, trace: "[fine]".to_owned(), exit: None }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Sets the program: it logs these texts, one after the other.
    pub(crate) fn logs(self, texts: &[&str]) -> Self {
        let lines = texts.iter().map(|text| format!("console.log('{text}');"));
        Self { program: [MARK.to_owned()].into_iter().chain(lines).collect(), ..self }
    }

    /// Adds a habit that an obedient fake has after it has logged.
    pub(crate) fn habit(mut self, habit: &str) -> Self {
        self.program.insert(1, format!("// habit: {habit}"));
        self
    }

    /// Sets the program as it is, for a real runtime.
    pub(crate) fn program(self, text: &str) -> Self {
        Self { program: text.lines().map(str::to_owned).collect(), ..self }
    }

    /// Adds a key, as YAML of one or more lines; one that every case has replaces the usual value.
    pub(crate) fn key(mut self, line: &str) -> Self {
        self.keys.push(line.to_owned());
        self
    }

    /// Sets what may be printed, in YAML's flow style.
    pub(crate) fn trace(self, trace: &str) -> Self {
        Self { trace: trace.to_owned(), ..self }
    }

    /// Sets how it may end.
    pub(crate) fn exit(self, exit: &str) -> Self {
        Self { exit: Some(exit.to_owned()), ..self }
    }

    /// The case's file.
    pub(crate) fn file(&self) -> String {
        let usual = [
            ("title", "a case of a tiny suite"),
            ("rule", "The program prints what the expectation says."),
            ("authority", "['https://example.org/rule']"),
            ("strength", "documented"),
            ("profile", "node"),
            ("goal", "cjs"),
        ];
        let mut text = String::new();
        for (key, value) in usual {
            if !self.keys.iter().any(|line| line.starts_with(&format!("{key}:"))) {
                text.push_str(&format!("{key}: {value}\n"));
            }
        }
        for line in &self.keys {
            text.push_str(&format!("{line}\n"));
        }
        text.push_str("program: |\n");
        for line in &self.program {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }

    /// The expectation's file.
    pub(crate) fn expectation(&self) -> String {
        let exit = self.exit.as_ref().map(|exit| format!("exit: {exit}\n")).unwrap_or_default();
        format!("trace: {}\n{exit}", self.trace)
    }
}
