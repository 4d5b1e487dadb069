//! What is kept of images when the disk does not keep its word.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::layout::Layout;
use super::*;
use crate::ids::ImageFormat;
use crate::store::simulated::{Failing, SimulatedDisk};

const DATA: &str = "/data";

fn open(disk: &SimulatedDisk) -> ImageFolder {
    ImageFolder::open(Arc::new(disk.clone()), Path::new(DATA))
}

fn name(bytes: &[u8]) -> ImageName {
    ImageName::of(bytes, ImageFormat::Png)
}

fn keep(images: &dyn Images, document: u64, bytes: &[u8]) -> Result<Kept, StoreError> {
    images.keep(DocNumber(document), name(bytes), bytes)
}

/// Whether a document has an image. A damaged one fails the test.
fn has(images: &dyn Images, document: u64, bytes: &[u8]) -> bool {
    let found = images.read(DocNumber(document), name(bytes)).expect("nothing is damaged");
    found.is_some_and(|found| {
        assert_eq!(found, bytes);
        true
    })
}

fn paths(disk: &SimulatedDisk) -> Vec<PathBuf> {
    disk.files().into_iter().map(|(path, _)| path).collect()
}

/// Every promise, for one implementation.
fn suite(images: &dyn Images) {
    assert_eq!(keep(images, 1, b"one").unwrap(), Kept::New);
    assert_eq!(keep(images, 1, b"one").unwrap(), Kept::Known);
    assert_eq!(keep(images, 1, b"two").unwrap(), Kept::New);
    assert!(has(images, 1, b"one") && has(images, 1, b"two"));
    assert!(!has(images, 2, b"one"), "it is known through its document only");
    let other = ImageName::of(b"one", ImageFormat::Gif);
    assert_eq!(images.read(DocNumber(1), other).unwrap(), None);

    images.copy(DocNumber(1), DocNumber(2)).unwrap();
    images.copy(DocNumber(9), DocNumber(3)).unwrap();
    assert!(has(images, 2, b"one") && has(images, 2, b"two"));
    images.remove(DocNumber(1)).unwrap();
    images.remove(DocNumber(1)).unwrap();
    assert!(!has(images, 1, b"one") && has(images, 2, b"one"));
    assert_eq!(keep(images, 1, b"one").unwrap(), Kept::New);

    let address = name(b"one").address();
    assert_eq!(images.shown(DocNumber(2), &address), Some(("image/png", Bytes::from_static(b"one"))));
    assert_eq!(images.shown(DocNumber(3), &address), None);
    assert_eq!(images.shown(DocNumber(2), "https://example.org/one.png"), None);
}

#[test]
fn memory_keeps_what_is_promised() {
    suite(&MemoryImages::default());
}

#[test]
fn a_folder_keeps_what_is_promised() {
    suite(&open(&SimulatedDisk::new()));
    let dir = tempfile::tempdir().unwrap();
    let images = ImageFolder::open(Arc::new(crate::store::files::Disk), dir.path());
    assert_eq!(images.documents().unwrap(), []);
    suite(&images);
    assert_eq!(images.documents().unwrap(), [DocNumber(1), DocNumber(2)]);
    images.close();
    assert!(matches!(keep(&images, 1, b"late"), Err(StoreError::Closed)));
    assert!(matches!(images.remove(DocNumber(1)), Err(StoreError::Closed)));
}

#[test]
fn a_document_has_so_many_images() {
    let sizes = |count, size| std::iter::repeat_n(size, count);
    assert!(fits(sizes(limits::IMAGES - 1, 1), 1).is_ok());
    assert!(matches!(fits(sizes(limits::IMAGES, 1), 1), Err(StoreError::ManyImages)));
    assert!(fits(sizes(1, limits::IMAGES_BYTES - 5), 5).is_ok());
    assert!(matches!(fits(sizes(1, limits::IMAGES_BYTES - 5), 6), Err(StoreError::ManyImages)));
    let images = MemoryImages::default();
    for n in 0..limits::IMAGES {
        keep(&images, 1, n.to_string().as_bytes()).unwrap();
    }
    assert!(matches!(keep(&images, 1, b"one more"), Err(StoreError::ManyImages)));
    assert_eq!(keep(&images, 1, b"0").unwrap(), Kept::Known, "there is no need for another place");
    assert_eq!(keep(&images, 2, b"one more").unwrap(), Kept::New);
}

/// Every call fails, alone or for good or for lack of space, and then the power goes: what was acknowledged is there and whole, what was
/// refused left nothing that a start does not remove, and it can be added again.
#[test]
fn an_image_is_kept_as_a_whole_or_not_at_all() {
    let mut rng = StdRng::seed_from_u64(31);
    for (ever_after, full) in [(false, false), (true, false), (false, true)] {
        let mut survived = false;
        for call in 0..200 {
            let disk = SimulatedDisk::new();
            keep(&open(&disk), 1, b"before").unwrap();
            disk.fail(Some(Failing { call, ever_after, full }));
            let kept = keep(&open(&disk), 1, b"a picture");
            let copied = open(&disk).copy(DocNumber(1), DocNumber(2));
            survived = !disk.has_failed();
            assert!(!survived || (kept.is_ok() && copied.is_ok()));
            if full && let Err(error) = &kept {
                assert!(matches!(error, StoreError::DiskFull), "{error}");
            }
            disk.make_space();
            for (disk, power_cut) in [(disk.fork(), false), (disk.after_power_cut(&mut rng), true)] {
                let images = open(&disk);
                images.sweep(|_| false).unwrap();
                assert!(has(&images, 1, b"before"));
                if kept.is_ok() {
                    assert!(has(&images, 1, b"a picture"), "call {call}");
                    assert!(copied.is_err() || has(&images, 2, b"a picture"), "call {call}");
                } else if !power_cut && !ever_after {
                    assert!(!has(&images, 1, b"a picture"), "call {call}");
                }
                let whole = |path: &PathBuf| path.extension().is_some_and(|e| e == "png");
                assert!(paths(&disk).iter().all(whole), "{:?}", paths(&disk));
                assert_eq!(copied.is_ok() && has(&images, 2, b"before"), copied.is_ok());
                keep(&images, 1, b"a picture").unwrap();
                assert!(has(&images, 1, b"a picture"));
            }
            if survived {
                break;
            }
        }
        assert!(survived, "it takes fewer calls than were tried");
    }
}

#[test]
fn images_leave_room_for_texts() {
    let disk = SimulatedDisk::new();
    let images = open(&disk);
    disk.fail(Some(Failing { call: 0, ever_after: false, full: true }));
    assert!(matches!(keep(&images, 1, b"a picture"), Err(StoreError::DiskFull)));
    assert!(matches!(keep(&images, 1, b"a picture"), Err(StoreError::DiskFull)), "free space is looked at");
    assert!(paths(&disk).is_empty());
    disk.make_space();
    assert_eq!(keep(&images, 1, b"a picture").unwrap(), Kept::New);
}

#[test]
fn damage_is_told_and_mended_by_adding_the_image_again() {
    let disk = SimulatedDisk::new();
    let images = open(&disk);
    keep(&images, 1, b"a picture").unwrap();
    let layout = Layout::of(&disk, Path::new(DATA));
    disk.edit(&layout.path(DocNumber(1), name(b"a picture")), |bytes| bytes[3] ^= 1);
    let error = images.read(DocNumber(1), name(b"a picture")).expect_err("it is damaged").to_string();
    assert!(error.contains("is not what was kept"), "{error}");
    assert_eq!(images.shown(DocNumber(1), &name(b"a picture").address()), None);
    assert_eq!(keep(&images, 1, b"a picture").unwrap(), Kept::New);
    assert!(has(&images, 1, b"a picture"));
}

#[test]
fn a_sweep_takes_what_is_gone_and_what_was_never_whole() {
    let disk = SimulatedDisk::new();
    let images = open(&disk);
    for document in 1..=3 {
        keep(&images, document, b"a picture").unwrap();
    }
    let foreign = Path::new(DATA).join("images/README");
    for path in
        [foreign.clone(), Path::new(DATA).join("images/07"), Path::new(DATA).join("images/2-abc.png.part")]
    {
        crate::store::files::Files::create(&disk, &path).unwrap();
    }
    // Whoever removed the images of document 3 came as far as this.
    let layout = Layout::of(&disk, Path::new(DATA));
    crate::store::files::Files::rename(
        &disk,
        &layout.dir(DocNumber(3)),
        &Path::new(DATA).join("images/3.gone"),
    )
    .unwrap();
    images.sweep(|document| document == DocNumber(2)).unwrap();
    let images = Path::new(DATA).join("images");
    let left = [images.join("07"), layout.path(DocNumber(1), name(b"a picture")), foreign];
    assert_eq!(paths(&disk), left);
}

/// A file system without second names, and one whose links fail.
#[test]
fn images_are_copied_where_they_cannot_be_linked() {
    let mut copied = 0;
    for call in 0..20 {
        let disk = SimulatedDisk::new();
        let images = open(&disk);
        keep(&images, 1, b"a picture").unwrap();
        disk.fail(Some(Failing { call, ever_after: false, full: false }));
        if images.copy(DocNumber(1), DocNumber(2)).is_ok() && disk.has_failed() {
            assert!(has(&images, 2, b"a picture"));
            copied += 1;
        }
    }
    assert_eq!(copied, 1, "of all calls the link alone may fail");
}
