//! What a manifest says, and what is wrong with one.

use std::path::Path;

use super::{
    super::tree::{Layer, Tree},
    *,
};

const PROCESS: &str = "\
name: mine
kind: process
profiles: [ecma]
goals: [cjs, esm]
locate:
  env: LOCKSTEP_MINE
  package: { linux-x64: mine-linux, file: bin/mine }
  path: mine
product: \"['mine', '1.0.0']\"
run:
  cjs: [run, \"{args}\", main.cjs]
  esm: [main.mjs]
";

const WORKER: &str = "name: mine\nkind: worker\nprofiles: [ecma]\ngoals: [cjs]\nworker: [--worker]\nown: other\n";

fn read_text(text: &str) -> Result<Manifest, Vec<SuiteError>> {
    read(&Document::scan(PathBuf::from("adapters/mine.yaml"), text.to_owned()).expect("well-formed"))
}

fn good(text: &str) -> Manifest {
    read_text(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"))
}

/// The causes of the faults of a manifest with `from` replaced by `to`.
fn causes(text: &str, from: &str, to: &str) -> Vec<String> {
    assert!(text.contains(from), "{from}");
    let errors = read_text(&text.replacen(from, to, 1)).expect_err(to);
    errors.into_iter().map(|error| error.cause).collect()
}

#[test]
fn a_process_is_started_with_the_flags_where_the_manifest_wants_them() {
    let manifest = good(PROCESS);
    let flags = ["--a".to_owned(), "--b".to_owned()];
    assert_eq!(manifest.arguments(Goal::Cjs, &[]).expect("offered"), ["run", "main.cjs"]);
    assert_eq!(manifest.arguments(Goal::Cjs, &flags).expect("offered"), ["run", "--a", "--b", "main.cjs"]);
    assert_eq!(manifest.arguments(Goal::Esm, &flags).expect("offered"), ["--a", "--b", "main.mjs"]);
    assert_eq!(manifest.arguments(Goal::Script, &[]), None);
    assert_eq!(manifest.locate.package["linux-x64"], "mine-linux");
    assert_eq!(manifest.locate.package_file.as_deref(), Some(Path::new("bin/mine")));
}

#[test]
fn any_goal_is_the_preferred_one() {
    let manifest = good(PROCESS);
    assert_eq!(manifest.goal_for(None), Some(Goal::Cjs));
    assert_eq!(manifest.goal_for(Some(Goal::Esm)), Some(Goal::Esm));
    assert_eq!(manifest.goal_for(Some(Goal::Script)), None);
}

#[test]
fn what_is_left_out_has_its_default() {
    let manifest = good(PROCESS);
    assert_eq!((manifest.timeout_scale, manifest.ends, manifest.template), (1.0, Ends::Exit, None));
    assert!(!manifest.locate.builtin);
    let manifest = good(&format!("{PROCESS}timeout_scale: 2.5\nends: idle\nenv: {{ A: b }}\n"));
    assert_eq!((manifest.timeout_scale, manifest.ends), (2.5, Ends::Idle));
    assert_eq!(manifest.env["A"], "b");
}

#[test]
fn a_template_has_one_place_for_the_program() {
    let manifest = good(&format!("{PROCESS}template: \"<script>{{program}}</script>\"\n"));
    assert_eq!(manifest.template.expect("a template").fill("a('{program}')"), "<script>a('{program}')</script>");
    for wrong in ["none", "{program}{program}"] {
        let text = format!("{PROCESS}template: \"{wrong}\"\n");
        assert!(read_text(&text).is_err(), "{wrong}");
    }
}

#[test]
fn a_worker_may_name_who_starts_an_owners_binary() {
    let manifest = good(WORKER);
    assert_eq!(manifest.kind, AdapterKind::Worker { args: vec!["--worker".into()], own: Some("other".into()) });
    assert_eq!(manifest.arguments(Goal::Cjs, &[]), None);
    let alone = BTreeMap::from([("mine".to_owned(), manifest.clone())]);
    assert_eq!(check_owners(&alone).len(), 1);
    let mut other = good(PROCESS);
    other.name = "other".to_owned();
    let both = BTreeMap::from([("mine".to_owned(), manifest), ("other".to_owned(), other)]);
    assert_eq!(check_owners(&both), []);
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (text, from, to, cause) in [
        (PROCESS, "name: mine", "name: yours", "the name `yours` is not the file's"),
        (PROCESS, "profiles: [ecma]", "profiles: []", "`profiles` is empty"),
        (PROCESS, "goals: [cjs, esm]", "goals: [cjs]", "goal esm is run and not offered"),
        (PROCESS, "goals: [cjs, esm]", "goals: [cjs, esm, script]", "goal script is offered and not run"),
        (PROCESS, "main.cjs", "main.mjs", "the entry main.cjs is not among the arguments"),
        (PROCESS, "[run, \"{args}\"", "[\"{args}\", \"{args}\"", "`{args}` stands twice"),
        (PROCESS, "product:", "env: {}\nproduct: \"\"\ntemplate:", "key `product` is missing"),
        (PROCESS, "LOCKSTEP_MINE", "lockstep mine", "`lockstep mine` is no name of a variable"),
        (PROCESS, ", file: bin/mine", "", "packages and `file` belong together"),
        (PROCESS, "kind: process", "kind: process\nworker: []", "`worker` does not belong to this kind"),
        (PROCESS, "kind: process", "kind: process\ntimeout_scale: 0", "the scale is not between 0.1 and 1000"),
        (WORKER, "worker: [--worker]", "run: { cjs: [main.cjs] }", "`run` does not belong to this kind"),
        (WORKER, "worker: [--worker]\n", "", "key `worker` is missing"),
    ] {
        let found = causes(text, from, to);
        assert!(found.iter().any(|found| found == cause), "{to}: {found:?}");
    }
}

#[test]
fn the_manifests_of_this_suite_are_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let layer = Layer::base(Tree::Folder(root.into()));
    for name in ["node", "deno", "bun", "inhouse", "inhouse-web", "generic"] {
        let document = Document::read(&layer, &PathBuf::from(format!("adapters/{name}.yaml"))).expect(name);
        let manifest = read(&document).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(manifest.name, name);
    }
}
