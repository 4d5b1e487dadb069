//! Updates that are right and would take yrs minutes: refused by what they would cost, before anything is applied.
//!
//! Yjs finds an item's place by walking from its left neighbour to its right one. Neighbours that touched when the item
//! was made, as in anything that people type, are one step apart, plus what others wrote there at the same time. Whoever
//! invents neighbours far apart makes every item walk over the whole document: 20,000 of them took yrs 36 s. So the
//! guard counts *strangers*, neighbours of which nothing shows that they ever touched.

use super::known::Known;
use super::order::Work;
use super::parse::{Item, Outline, Parent};
use super::read::Id;
use crate::limits;

/// In updates with fewer structs than this, strangers are not counted: the square of a small number is small.
const MANY_STRUCTS: usize = 512;

/// From this many clients on, their ids are checked for being chosen to collide.
const MANY_CLIENTS: usize = 1_024;

/// Client ids of one update that may share their low bits. Of random ones and of counted ones fewer than twenty do.
const COLLIDING: usize = 64;

pub(super) const STRANGERS: &str = "too many items between neighbours that are far apart";

/// Why an update whose grammar is right has more in it than it may, if it has.
pub(super) fn too_much(outline: &Outline) -> Option<&'static str> {
    if outline.sections.len() > limits::UPDATE_CLIENTS {
        Some("more clients than one update may bring")
    } else if outline.structs - outline.joinable + outline.ranges > limits::UPDATE_BLOCKS {
        Some("more pieces than one update may bring")
    } else if collide(outline) {
        Some("client ids are chosen to collide")
    } else {
        None
    }
}

/// How many strangers an update may bring to a document of that many blocks.
pub(super) fn strangers_allowed(outline: &Outline, blocks: usize) -> usize {
    if outline.structs < MANY_STRUCTS {
        return usize::MAX;
    }
    limits::CONFLICT_STEPS / (blocks + outline.structs)
}

/// About how many steps yrs takes at worst to apply an update to a document of that many blocks, a step being some 20 ns. Whom it
/// compares it walks to, and each cut moves what comes after it in a client's list of blocks.
pub(super) fn steps(work: Work, pieces: usize, blocks: usize) -> usize {
    pieces + work.strangers * blocks + work.cuts * (blocks / 16)
}

/// Whether many client ids share the low bits by which a table of that many finds them. yrs hashes an id by itself.
fn collide(outline: &Outline) -> bool {
    let clients = outline.sections.len();
    if clients < MANY_CLIENTS {
        return false;
    }
    let mask = clients.next_power_of_two() - 1;
    let mut sharing = vec![0; mask + 1];
    outline.sections.iter().any(|section| {
        let count: &mut usize = &mut sharing[section.client as usize & mask];
        *count += 1;
        *count > COLLIDING
    })
}

/// Whether nothing shows that an item's neighbours touched. Both of them are known.
pub(super) fn are_strangers(known: &Known, start: Id, item: &Item<'_>) -> bool {
    match (item.origin, item.right_origin) {
        (None, None) => matches!(item.parent, Parent::Root(_, None)),
        (Some(left), _) if left.client == start.client && left.clock + 1 == start.clock => false, // typing on
        (Some(left), Some(right)) if right == (Id { clock: left.clock + 1, ..left }) => false, // into an item
        // One of two that touch was put beside the other, and nothing was typed on between them.
        (left, right) => {
            let origins = |id: Option<Id>| id.and_then(|id| known.origins(id));
            let beside_left = origins(right).is_some_and(|(origin, _)| origin == left);
            let beside_right = origins(left).is_some_and(|(_, right_origin)| right_origin == right);
            let next = left.map(|left| Id { clock: left.clock + 1, ..left });
            let typed_on = origins(next).is_some_and(|(origin, _)| origin == left);
            !beside_left && (!beside_right || typed_on)
        }
    }
}
