use std::collections::BTreeMap;

use super::*;

/// A small generator, for orders that differ from run to run and can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// The journal may drop what is replaced and hand the rest back in any order of keys: the state is the same. Checked at random, from
/// a story at random.
#[test]
fn the_last_record_of_each_key_in_any_order_is_the_state() {
    let seed = crate::ids::AccountId::random().0 | 1;
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    for step in 0..400_u64 {
        let people = [ANN, BEN, CAT, AccountId(4), AccountId(5)];
        let (who, other) = (people[random.below(5)], people[random.below(5)]);
        let byte = u8::try_from(random.below(12)).expect("small");
        let document = DocNumber(6 + random.below(3) as u64);
        let command = match random.below(16) {
            0 => Command::Enrol { account: new_account(who, &format!("p{}", random.below(6))), by: None },
            1 => Command::Remove { account: who, heir: Some(other) },
            2 => change(who, Change::Name(account_name(&format!("p{}", random.below(6))))),
            3 => change(who, Change::Administrator(random.below(2) == 0)),
            4 => change(who, Change::Disabled(random.below(3) == 0)),
            5 => invite(byte),
            6 => Command::Accept { invitation: token(byte), account: new_account(who, &format!("i{step}")) },
            7 => sign_in(who, byte),
            8 => Command::SignOutElsewhere { account: who, except: Some(token::<LoginId>(byte).id()) },
            9 => Command::Own { document, owner: who },
            10 => {
                Command::Grant { document, account: who, role: Role::ALL[random.below(3)], by: Some(other) }
            }
            11 => Command::Ungrant { document, account: who },
            12 => share(byte, Role::ALL[random.below(3)], Some(kept.now_ms + 1 + random.below(50) as u64)),
            13 => revoke(byte),
            14 if random.below(4) == 0 => Command::Forget(document),
            _ => Command::Prune,
        };
        let _ = kept.try_to(command);
        kept.now_ms += random.below(20) as u64;
    }
    assert!(kept.journal.len() > 50, "a story was told");

    let mut last = BTreeMap::new();
    for record in &kept.journal {
        last.insert(record.key(), record.clone());
    }
    let mut compacted: Vec<Record> = last.into_values().collect();
    for at in (1..compacted.len()).rev() {
        compacted.swap(at, random.below(at + 1));
    }
    assert_eq!(replayed(compacted.clone()), kept.directory);
    compacted.retain(|record| !record.is_gone());
    assert_eq!(replayed(compacted), kept.directory, "nor is it missed that something is gone");
    assert_eq!(replayed(kept.directory.records()), kept.directory, "a checkpoint");

    // All of it, the records of each key in their order, but those of different keys in another one.
    let mut whole = kept.journal.clone();
    whole.sort_by_key(|record| std::cmp::Reverse(record.key()));
    assert_eq!(replayed(whole), kept.directory);
}

fn replayed(records: impl IntoIterator<Item = Record>) -> Directory {
    let mut directory = Directory::default();
    records.into_iter().for_each(|record| directory.apply(record));
    directory
}
