//! Copies that fail halfway.

use std::path::Path;
use std::sync::Arc;

use super::{Model, open, small, story};
use crate::store::files::Files;
use crate::store::journal::folder::{backup_with, restore_with};
use crate::store::simulated::{Failing, SimulatedDisk};
use rand::SeedableRng;
use rand::rngs::StdRng;

fn files(disk: &SimulatedDisk) -> Arc<dyn Files> {
    Arc::new(disk.clone())
}

/// Every call of a backup fails, alone or for good, with and without an earlier copy there. The one after it succeeds, and what
/// is restored from that is all that was acknowledged; the earlier copy is of use until then, a power cut included.
#[test]
fn a_backup_that_fails_spoils_nothing() {
    let (from, to, back) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut rng = StdRng::seed_from_u64(23);
    let pristine = SimulatedDisk::new();
    let mut model = Model::default();
    story(&mut model, &open(&pristine, from.path(), small()).unwrap());
    backup_with(&files(&pristine), from.path(), to.path()).expect("the first copy");
    let earlier = model.clone();
    {
        let store = open(&pristine, from.path(), small()).unwrap();
        model.write(&store, "a", "more").unwrap();
        model.write(&store, "b", "of it").unwrap();
    }
    let restored = |disk: &SimulatedDisk, model: &Model, to: &Path| {
        let disk = disk.fork();
        restore_with(&files(&disk), to, back.path(), None).expect("a copy that can be restored");
        let mut model = model.clone();
        model.check(&open(&disk, back.path(), small()).expect("it opens"));
    };
    for ever_after in [false, true] {
        let mut survived = false;
        for call in 0..500 {
            let disk = pristine.fork();
            disk.fail(Some(Failing { call, ever_after, full: ever_after }));
            let done = backup_with(&files(&disk), from.path(), to.path());
            survived = !disk.has_failed();
            assert!(done.is_ok() || !survived, "{done:?}");
            for disk in [disk.fork(), disk.after_power_cut(&mut rng)] {
                if done.is_err() {
                    // Some of what came later may be there already.
                    let mut known = earlier.clone();
                    known.docs.iter_mut().for_each(|(id, doc)| doc.text = model.docs[id].text.clone());
                    restored(&disk, &known, to.path());
                }
                backup_with(&files(&disk), from.path(), to.path()).expect("a working disk");
                restored(&disk, &model, to.path());
            }
            if survived {
                break;
            }
        }
        assert!(survived, "a backup has fewer calls than were tried");
    }
}
