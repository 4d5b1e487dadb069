//! Disks that fail and power that goes.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Model, id, number, open, small, story};
use crate::store::simulated::{Failing, SimulatedDisk};
use crate::store::{Edit, Health, Store};

/// Every call fails once, alone or with all after it. Whatever a listener or a receipt was told is true after a
/// restart and after a power cut.
#[test]
fn whatever_call_fails_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(7);
    for ever_after in [false, true] {
        let mut survived = false;
        for call in 0..2_000 {
            let disk = SimulatedDisk::new();
            disk.fail(Some(Failing { call, ever_after, full: false }));
            let mut model = Model::default();
            if let Ok(store) = open(&disk, dir.path(), small()) {
                story(&mut model, &store);
                if store.health() != Health::Writable {
                    assert!(store.edit(&id("a"), Edit::Title("refused".into())).is_err());
                }
                let _ = store.close();
            }
            survived = !disk.has_failed();
            for disk in [disk.fork(), disk.after_power_cut(&mut rng)] {
                let mut model = model.clone();
                let store = open(&disk, dir.path(), small()).expect("a working disk opens");
                model.check(&store);
                story(&mut model, &store);
                drop(store);
                model.check(&open(&disk.after_power_cut(&mut rng), dir.path(), small()).unwrap());
            }
            if survived {
                break;
            }
        }
        assert!(survived, "the story has fewer calls than were tried");
    }
}

/// Many lives, each ended by a power cut at a random call.
#[test]
fn power_cuts_in_a_row_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let first = number("COWRITE_SEED", 1);
    for seed in first..first + number("COWRITE_POWER_CUTS", 60) {
        println!("seed {seed}");
        let mut rng = StdRng::seed_from_u64(seed);
        let mut disk = SimulatedDisk::new();
        let mut model = Model::default();
        for _ in 0..8 {
            disk.fail(Some(Failing {
                call: rng.random_range(0..150),
                ever_after: rng.random(),
                full: false,
            }));
            if let Ok(store) = open(&disk, dir.path(), small()) {
                for _ in 0..12 {
                    let name = format!("doc{}", rng.random_range(0..4));
                    let alive = model.docs.get(&id(&name)).is_some_and(|doc| !doc.deleted);
                    let _ = match rng.random_range(0..10) {
                        _ if !model.docs.contains_key(&id(&name)) => model.create(&store, &name),
                        _ if !alive => Ok(()),
                        0 => model.checkpoint(&store, &name),
                        1 => model.rename(&store, &name, &"t".repeat(seed as usize)),
                        2 if rng.random_bool(0.1) => model.delete(&store, &name),
                        n => model.write(&store, &name, &"abcdefghij"[..n]),
                    };
                }
            }
            disk = disk.after_power_cut(&mut rng);
            let store = open(&disk, dir.path(), small()).expect("a working disk opens");
            model.check(&store);
        }
    }
}
