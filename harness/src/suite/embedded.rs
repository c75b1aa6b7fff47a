//! The copy of the suite inside of this binary. The build packs it; `build/pack.rs` describes its form.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// The files of a packed suite by their names, which are relative to the suite's root and parted by `/`.
pub(super) type PackedFiles = BTreeMap<String, String>;

/// What the build packed.
static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/suite.pack"));

/// More than this a pack never holds, in bytes; a bound for what a damaged binary may claim.
const MOST_BYTES: usize = 256 << 20;

/// The embedded suite's files; unpacked once.
pub(super) fn files() -> Arc<PackedFiles> {
    static FILES: OnceLock<Arc<PackedFiles>> = OnceLock::new();
    // A pack that cannot be read is as good as none: then a suite has to be named.
    Arc::clone(FILES.get_or_init(|| Arc::new(unpack(PACK).unwrap_or_default())))
}

/// The files of a pack, or nothing if it is damaged.
fn unpack(pack: &[u8]) -> Option<PackedFiles> {
    let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(pack, MOST_BYTES).ok()?;
    let mut rest = plain.as_slice();
    let mut files = PackedFiles::new();
    while !rest.is_empty() {
        let name = part(&mut rest)?;
        let content = part(&mut rest)?;
        files.insert(name, content);
    }
    Some(files)
}

/// Takes one length and as many bytes.
fn part(rest: &mut &[u8]) -> Option<String> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (text, after) = after.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
#[path = "../../build/pack.rs"]
mod pack;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{
        super::{Suite, Tree},
        *,
    };

    #[test]
    fn what_is_packed_unpacks() {
        let files = BTreeMap::from([
            ("cases/a.yaml".to_owned(), "größe\n".repeat(1_000).into_bytes()),
            ("empty.yaml".to_owned(), vec![]),
        ]);
        for level in [1, 9] {
            let unpacked = unpack(&pack::pack(&files, level)).expect("whole");
            assert_eq!(unpacked.into_iter().map(|(name, text)| (name, text.into_bytes())).collect::<BTreeMap<_, _>>(), files);
        }
    }

    #[test]
    fn a_damaged_pack_is_none() {
        let whole = pack::pack(&BTreeMap::from([("a.yaml".to_owned(), b"text".to_vec())]), 9);
        assert_eq!(unpack(&whole[..whole.len() / 2]), None);
        assert_eq!(unpack(b"no pack"), None);
        let cut = miniz_oxide::deflate::compress_to_vec_zlib(&[4, 0, 0, 0, b'a'], 1);
        assert_eq!(unpack(&cut), None);
        let not_text = miniz_oxide::deflate::compress_to_vec_zlib(&[1, 0, 0, 0, 0xff, 0, 0, 0, 0], 1);
        assert_eq!(unpack(&not_text), None);
    }

    #[test]
    fn a_packed_suite_means_what_its_folder_means() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let files = pack::files(root).expect("the suite");
        let packed = unpack(&pack::pack(&files, 1)).expect("whole");
        let packed = Suite::of(&Tree::Packed(Arc::new(packed)), &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
        let folder = Suite::load(root).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!((packed.digest, packed.manifests, packed.features), (folder.digest, folder.manifests, folder.features));
        assert_eq!((packed.cases, packed.deviations), (folder.cases, folder.deviations));
    }

    #[test]
    fn the_embedded_suite_is_sound() {
        let suite = Suite::of(&Tree::embedded().expect("the build packed it"), &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert!(suite.cases.len() > 400, "{} cases", suite.cases.len());
    }
}
