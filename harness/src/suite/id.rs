//! What a case's id and the names of its files may look like.

use super::case::Category;

/// Why a text is no id: the cause and the remedy, as fragments.
pub(super) type Fault = (String, String);

/// Checks a case's id: `category/topic/name`, of letters, digits and `-`. A name may go on behind a dot: `.2` for the second program of
/// a rule, `.cjs` and `.esm` where the goal matters.
pub(super) fn check(id: &str) -> Result<(), Fault> {
    if id.split(['/', '\\']).any(|part| part == ".." || part == ".") || id.contains("..") {
        return Err((format!("id `{id}` contains `..`"), "name the case below `cases/`, without dots".to_owned()));
    }
    let wrong = id.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.')));
    if let Some(wrong) = wrong {
        let cause = format!("id `{id}` contains `{}`", wrong.escape_default());
        return Err((cause, "use letters, digits and `-`, and a dot before `2`, `cjs` or `esm` at the end".to_owned()));
    }
    let parts: Vec<&str> = id.split('/').collect();
    if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
        return Err((
            format!("id `{id}` is not `category/topic/name`"),
            "put the file into a topic's folder of a category".to_owned(),
        ));
    }
    let dotted = |part: &str| part.starts_with('.') || part.ends_with('.');
    if parts[..2].iter().any(|part| part.contains('.')) || dotted(parts[2]) {
        let remedy = "write a dot only before `2`, `cjs` or `esm` at the end of the name";
        return Err((format!("id `{id}` has a dot in the wrong place"), remedy.to_owned()));
    }
    if !Category::ALL.iter().any(|category| category.as_str() == parts[0]) {
        let all = Category::ALL.map(Category::as_str).join(", ");
        return Err((format!("`{}` is no category", parts[0]), format!("the categories: {all}")));
    }
    Ok(())
}

/// Checks the name of something beside the program: a relative path without tricks.
pub(super) fn check_file_name(name: &str) -> Result<(), Fault> {
    let leaves = name.starts_with('/') || name.split('/').any(|part| matches!(part, "" | "." | ".."));
    if leaves || name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':')) {
        let cause = format!("file name `{}` is not a plain path inside the case's directory", name.escape_debug());
        return Err((cause, "write a relative path of plain names, parted by `/`".to_owned()));
    }
    if matches!(name, "main.js" | "main.cjs" | "main.mjs") {
        return Err((format!("`{name}` is the program's own file"), "choose another name".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_three_plain_parts() {
        assert_eq!(check("ordering/timers/timeout0-before-immediate"), Ok(()));
        assert_eq!(check("ordering/timers/timeout0-before-immediate.esm"), Ok(()));
        for id in ["", "ordering", "ordering/a", "ordering/a/b/c", "ordering//b", "/ordering/a/b", "ordering/a/b/", "timing/a/b"]
        {
            assert!(check(id).is_err(), "{id}");
        }
        for id in ["ordering/../b", "ordering/a/..", "../../etc/passwd", "ordering/a/a..b", "ordering\\..\\b"] {
            assert!(check(id).expect_err(id).0.contains("`..`"), "{id}");
        }
        for id in ["ordering/a.b/c", "ordering/a/.b", "ordering/a/b.", "ordering/a b/c", "ordering/a/é", "ordering/a/b\n"] {
            assert!(check(id).is_err(), "{id}");
        }
    }

    #[test]
    fn file_names_stay_inside() {
        for name in ["data.txt", "lib/a.cjs", ".hidden", "with space"] {
            assert_eq!(check_file_name(name), Ok(()), "{name}");
        }
        for name in ["", "/etc/passwd", "../a", "a/../b", "a//b", "./a", "a/", "c:\\x", "a\0b", "main.cjs", "main.js", "main.mjs"]
        {
            assert!(check_file_name(name).is_err(), "{name}");
        }
    }
}
