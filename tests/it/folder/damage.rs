//! Damage is found, and costs what it hit.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// Every file that counts: the journal, sled, and a backup's mark.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = segments(dir);
    files.extend(walk(&dir.join("sled")));
    files.extend(Some(dir.join("BACKUP")).filter(|path| path.exists()));
    files
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Flip a bit, or cut the file.
fn hurt(path: &Path, rng: &mut StdRng) -> String {
    let mut bytes = fs::read(path).unwrap();
    let used = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |at| at + 1);
    if used == 0 {
        return "nothing".to_owned();
    }
    let at = rng.random_range(0..used);
    let what = if rng.random_bool(0.2) {
        bytes.truncate(at);
        format!("{} cut at {at}", path.display())
    } else {
        bytes[at] ^= 1 << rng.random_range(0..8);
        format!("{} flipped at {at}", path.display())
    };
    fs::write(path, bytes).unwrap();
    what
}

/// Whatever is hurt, verify says so or all is there unharmed; and a repair leaves a sound folder with every document that
/// was intact, and names the others.
#[test]
fn whatever_is_hurt_is_found_or_harmless_and_repaired() {
    let (data, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(data.path());
    backup(data.path(), copy.path());
    let whole = texts(data.path());
    drop(open(data.path()));
    let first = number("COWRITE_SEED", 1);
    let (mut found, mut harmless, mut rescued) = (0, 0, 0);
    for seed in first..first + number("COWRITE_FLIPS", 25) {
        let mut rng = StdRng::seed_from_u64(seed);
        let dir = tempfile::tempdir().unwrap();
        copy_folder(if rng.random_bool(0.7) { data.path() } else { copy.path() }, dir.path());
        let files = files(dir.path());
        let path = &files[rng.random_range(0..files.len())];
        let what = format!("seed {seed}: {}", hurt(path, &mut rng));

        let (sound, report) = verify(dir.path());
        let served = tempfile::tempdir().unwrap();
        copy_folder(dir.path(), served.path());
        let intact: BTreeMap<_, _> =
            texts(served.path()).into_iter().filter(|(id, text)| whole.get(id) == Some(text)).collect();
        if sound {
            harmless += 1;
            assert_eq!(intact, whole, "{what}: it was not found\n{report}");
            continue;
        }
        found += 1;
        let mut out = Vec::new();
        folder::repair(dir.path(), &mut out).unwrap_or_else(|error| panic!("{what}: {error}"));
        let said = String::from_utf8(out).unwrap();
        let (sound, report) = verify(dir.path());
        assert!(sound, "{what}\n{said}{report}");
        let repaired = texts(dir.path());
        for (id, text) in &whole {
            let kept = repaired.get(id);
            rescued += usize::from(kept == Some(text));
            assert!(
                kept == Some(text)
                    || !intact.contains_key(id)
                        && (said.contains(&format!("lost: {id}:"))
                            || said.contains("is lost")
                            || said.contains("durable bytes")),
                "{what}: {id} says {kept:?}\n{said}"
            );
            assert!(kept.is_none_or(|kept| text.starts_with(kept)), "{what}: {id} says {kept:?}");
        }
    }
    println!("{found} were found, {harmless} harmless, {rescued} documents rescued");
    assert!(found > 0, "some damage is more than harmless");
}

/// A change in the middle of a document without a snapshot.
#[test]
fn a_repair_says_what_was_lost_and_destroys_nothing() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    let path = &segments(dir.path())[2];
    let mut bytes = fs::read(path).unwrap();
    // A change of document 4, which is d: its kind, its number, and the author after the rest of its header.
    let at = (0..bytes.len() - 20)
        .find(|&at| bytes[at..at + 2] == [1, 4] && bytes[at..at + 20].windows(3).any(|w| w == b"ann"));
    bytes[at.expect("a change of d") + 19] ^= 0x20;
    fs::write(path, &bytes).unwrap();
    let (sound, report) = verify(dir.path());
    assert!(!sound && report.contains("document d: ") && report.contains("document number 4"), "{report}");

    let mut out = Vec::new();
    assert!(!folder::repair(dir.path(), &mut out).unwrap());
    let said = String::from_utf8(out).unwrap();
    assert!(said.contains("4 documents are whole") && said.contains("lost: d: changes "), "{said}");
    let aside = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside =
        aside.into_iter().find(|path| path.to_string_lossy().contains("damaged-")).expect("a dated folder");
    assert_eq!(fs::read(aside.join("journal").join(path.file_name().unwrap())).unwrap(), bytes);
    assert!(aside.join("sled").exists());
    let texts = texts(dir.path());
    assert_eq!(texts.len(), 5);
    assert!(
        texts[&id("a")].starts_with(&texts[&id("d")]) && texts[&id("d")].len() > 4,
        "{:?}",
        texts[&id("d")]
    );
}
