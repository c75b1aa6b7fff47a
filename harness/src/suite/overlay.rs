//! Recorded deviations from outside the suite: an implementer's own, beside those that everybody has.

use std::path::Path;

use super::{error::SuiteError, load::Suite, read, yaml::Document};

impl Suite {
    /// Adds the deviations in `file`, which is named after its product as those in `expected/deviations/` are. They stand
    /// beside what is recorded already: together they are alternatives.
    ///
    /// # Errors
    /// If the file cannot be read, is no list of deviations, or names a case that this suite does not have.
    pub fn add_deviations(&mut self, file: &Path) -> Result<(), Vec<SuiteError>> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Some(name), Some(product)) = (file.file_name(), file.file_stem()) else {
            return Err(vec![SuiteError::whole(file, "this is no file", "name a file of deviations, like mine/node.yaml")]);
        };
        let product = product.to_string_lossy().into_owned();
        let document =
            Document::read(folder, Path::new(name)).map_err(|error| vec![SuiteError { file: file.into(), ..error }])?;
        let located = |errors: Vec<SuiteError>| {
            errors.into_iter().map(|error| SuiteError { file: file.into(), ..error }).collect::<Vec<_>>()
        };
        let mut read = read::read_deviations(&product, &document).map_err(located)?;
        let unknown: Vec<SuiteError> = read
            .iter()
            .filter(|entry| self.case(&entry.case).is_none())
            .map(|entry| SuiteError {
                file: file.into(),
                line: entry.line,
                column: 1,
                cause: format!("the deviation is of a case that is not there: {}", entry.case),
                remedy: "correct the id, or remove the entry; `lockstep list` shows all ids".into(),
            })
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        for entry in &mut read {
            entry.file = file.into();
        }
        self.deviations.entry(product).or_default().append(&mut read);
        Ok(())
    }
}
