//! What changed between two texts, as few spans as can be found in the time there is, and what they mean for a third.

use std::ops::Range;
use std::time::Instant;

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// Take `old` away and put `new` there. Spans are bytes, at the borders of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub old: Range<usize>,
    pub new: String,
}

/// Lines that differ are compared letter by letter up to so many letters together; beyond, they are replaced as a whole.
const LETTERS: usize = 20_000;

/// The edits that make `new` of `old`, in order and apart from one another. Past the deadline they are coarser, and right all the same.
pub fn edits(old: &str, new: &str, deadline: Option<Instant>) -> Vec<Edit> {
    let (start, old_rest, new_rest) = without_common_ends(old, new);
    let (old_lines, new_lines) = (lines(old_rest), lines(new_rest));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old_lines, &new_lines, deadline);
    let (old_at, new_at) = (offsets(&old_lines), offsets(&new_lines));
    let mut edits = Vec::new();
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let old_range = old_at[old_range.start]..old_at[old_range.end];
        let new_range = new_at[new_range.start]..new_at[new_range.end];
        let (removed, put) = (&old_rest[old_range.clone()], &new_rest[new_range]);
        put_letters(&mut edits, start + old_range.start, removed, put, deadline);
    }
    edits
}

/// The same within lines that differ.
fn put_letters(edits: &mut Vec<Edit>, at: usize, removed: &str, put: &str, deadline: Option<Instant>) {
    let (skip, removed, put) = without_common_ends(removed, put);
    let at = at + skip;
    let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    if removed.is_empty() || put.is_empty() || late || removed.len() + put.len() > LETTERS {
        if !(removed.is_empty() && put.is_empty()) {
            edits.push(Edit { old: at..at + removed.len(), new: put.to_owned() });
        }
        return;
    }
    let (old_words, new_words) = (words(removed), words(put));
    let (old_at, new_at) = (offsets(&old_words), offsets(&new_words));
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old_words, &new_words, deadline) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let old_range = old_at[old_range.start]..old_at[old_range.end];
        let new_range = new_at[new_range.start]..new_at[new_range.end];
        let (skip, removed, put) = without_common_ends(&removed[old_range.clone()], &put[new_range]);
        let from = at + old_range.start + skip;
        edits.push(Edit { old: from..from + removed.len(), new: put.to_owned() });
    }
}

/// Lines with the break that ends each.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Runs of letters and digits, and everything else one by one: people change words, and half a word of each of two is neither.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, letter) in text.char_indices() {
        // A sign that joins or changes the one before it stays with it.
        let joins = matches!(letter, '\u{200d}' | '\u{fe0f}' | '\u{300}'..='\u{36f}');
        let is_word = letter.is_alphanumeric() && !is_ideograph(letter);
        if at > 0 && !joins && !(in_word && is_word) {
            words.push(&text[start..at]);
            start = at;
        }
        in_word = is_word || joins && in_word;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Letters that are words.
fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Where each part begins, and where the last one ends.
fn offsets(parts: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut offsets = Vec::with_capacity(parts.len() + 1);
    offsets.push(0);
    for part in parts {
        at += part.len();
        offsets.push(at);
    }
    offsets
}

/// Two texts without what they begin and end with alike, and how many bytes they begin with alike.
fn without_common_ends<'a>(old: &'a str, new: &'a str) -> (usize, &'a str, &'a str) {
    let alike = old.chars().zip(new.chars()).take_while(|(old, new)| old == new);
    let start: usize = alike.map(|(letter, _)| letter.len_utf8()).sum();
    let (old, new) = (&old[start..], &new[start..]);
    let alike = old.chars().rev().zip(new.chars().rev()).take_while(|(old, new)| old == new);
    let end: usize = alike.map(|(letter, _)| letter.len_utf8()).sum();
    (start, &old[..old.len() - end], &new[..new.len() - end])
}

/// What `mine`, edits of a text, mean once others have made `theirs` of it: they keep what they put, I put what I put, and I take away only
/// what they left. All edits are of the same text, and so are the ranges that come back: of the text with `theirs` in it.
pub fn rebased(mine: &[Edit], theirs: &[Edit]) -> Vec<Edit> {
    let mut rebased: Vec<Edit> = Vec::new();
    for edit in mine {
        let mut left = Vec::new();
        let mut from = edit.old.start;
        for other in theirs.iter().filter(|other| overlaps(&other.old, &edit.old)) {
            if from < other.old.start {
                left.push(from..other.old.start);
            }
            from = from.max(other.old.end);
        }
        if from < edit.old.end || left.is_empty() {
            left.push(from.min(edit.old.end)..edit.old.end);
        }
        // What I put goes where the first of what I take away was.
        for (n, range) in left.into_iter().enumerate() {
            let new = if n == 0 { edit.new.clone() } else { String::new() };
            let start = moved(range.start, theirs);
            let end = if range.is_empty() { start } else { moved_end(range.end, theirs) };
            rebased.push(Edit { old: start..end.max(start), new });
        }
    }
    rebased
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Where a place of the old text is now, behind what others put there.
fn moved(at: usize, theirs: &[Edit]) -> usize {
    let mut shift = 0_isize;
    for edit in theirs {
        if edit.old.start > at {
            break;
        }
        if edit.old.end > at {
            // It was taken away: where that was.
            let start = edit.old.start.checked_add_signed(shift).expect("edits are in order");
            return start + edit.new.len();
        }
        shift += edit.new.len() as isize - edit.old.len() as isize;
    }
    at.checked_add_signed(shift).expect("edits are in order")
}

/// Where what ended at a place of the old text ends now, before what others put there.
fn moved_end(at: usize, theirs: &[Edit]) -> usize {
    let before: Vec<Edit> = theirs.iter().filter(|edit| edit.old.start < at).cloned().collect();
    moved(at, &before)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    fn applied(text: &str, edits: &[Edit]) -> String {
        let mut text = text.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(edit.old.clone(), &edit.new);
        }
        text
    }

    fn spans(old: &str, new: &str) -> Vec<(Range<usize>, String)> {
        edits(old, new, None).into_iter().map(|edit| (edit.old, edit.new)).collect()
    }

    #[test]
    fn only_what_changed_is_touched() {
        assert_eq!(spans("one two three", "one 2 three"), [(4..7, "2".to_owned())]);
        assert_eq!(spans("a\nb\nc\n", "a\nc\n"), [(2..4, String::new())]);
        assert_eq!(spans("same", "same"), []);
        assert_eq!(spans("", "new"), [(0..0, "new".to_owned())]);
        assert_eq!(
            spans("red fox\nblue dog\n", "red cat\nblue cow\n"),
            [(4..7, "cat".to_owned()), (13..16, "cow".to_owned())]
        );
    }

    #[test]
    fn no_character_is_cut() {
        // The first and the last byte of both are the same.
        assert_eq!(spans("🦊", "🦝"), [(0..4, "🦝".to_owned())]);
        assert_eq!(spans("你好世界", "你们世界"), [(3..6, "们".to_owned())]);
        assert_eq!(spans("x👩‍🔬y", "x👩‍🚀y").len(), 1);
    }

    #[test]
    fn what_others_wrote_stays() {
        let base = "The fox sleeps.\nThe dog barks.\n";
        let mine = edits(base, "The fox sleeps.\nThe dog sings.\nEnd.\n", None);
        let now = "Listen! The red fox sleeps.\nThe dog barks.\n";
        let merged = applied(now, &rebased(&mine, &edits(base, now, None)));
        assert_eq!(merged, "Listen! The red fox sleeps.\nThe dog sings.\nEnd.\n");
    }

    #[test]
    fn what_others_took_away_is_gone_and_what_they_put_within_stays() {
        let base = "one two three four";
        let mine = edits(base, "one four", None);
        assert_eq!(
            applied("one two and three four", &rebased(&mine, &edits(base, "one two and three four", None))),
            "one and four"
        );
        assert_eq!(applied("four", &rebased(&mine, &edits(base, "four", None))), "four");
    }

    fn random_text(random: &mut StdRng, letters: usize) -> String {
        const LETTERS: [&str; 9] = ["a", "b", " ", "\n", "é", "你", "🦊", "word", "👩‍🔬"];
        (0..random.random_range(0..letters)).map(|_| LETTERS[random.random_range(0..LETTERS.len())]).collect()
    }

    fn rewritten(random: &mut StdRng, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..random.random_range(0..6) {
            let at = random.random_range(0..=letters.len());
            let end = (at + random.random_range(0..5)).min(letters.len());
            let put: Vec<char> = random_text(random, 4).chars().collect();
            letters.splice(at..end, put);
        }
        letters.into_iter().collect()
    }

    #[test]
    fn edits_make_the_new_text_of_the_old_one() {
        let seed = rand::random();
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        for round in 0..2_000 {
            let old = random_text(&mut random, 60);
            let new =
                if round % 2 == 0 { rewritten(&mut random, &old) } else { random_text(&mut random, 60) };
            let past = (round % 3 == 0).then(Instant::now);
            let found = edits(&old, &new, past);
            assert_eq!(applied(&old, &found), new, "{old:?}");
            assert!(found.windows(2).all(|pair| pair[0].old.end <= pair[1].old.start), "{found:?}");
            // Nobody else: the same. Others alone: nothing more.
            assert_eq!(applied(&old, &rebased(&found, &[])), new);
            assert_eq!(applied(&new, &rebased(&[], &found)), new);
        }
    }

    /// Edits of different lines, whoever made them, are both there afterwards.
    #[test]
    fn both_sides_of_a_merge_are_kept() {
        let seed = rand::random();
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        for _ in 0..500 {
            let lines: Vec<String> = (0..12).map(|n| format!("line {n} 你好🦊 of the text")).collect();
            let write = |changed: &[(usize, String)]| {
                let mut lines = lines.clone();
                changed.iter().for_each(|(n, text)| lines[*n].clone_from(text));
                lines.join("\n")
            };
            let mut at: Vec<usize> = (0..12).collect();
            for n in (1..12).rev() {
                at.swap(n, random.random_range(0..=n));
            }
            let change =
                |random: &mut StdRng, n: &usize| (*n, rewritten(random, &lines[*n]).replace('\n', ""));
            let mine: Vec<_> = at[..3].iter().map(|n| change(&mut random, n)).collect();
            let theirs: Vec<_> = at[3..6].iter().map(|n| change(&mut random, n)).collect();
            let base = lines.join("\n");
            let (ours, now) = (write(&mine), write(&theirs));
            let both: Vec<_> = mine.iter().chain(&theirs).cloned().collect();
            let merged = applied(&now, &rebased(&edits(&base, &ours, None), &edits(&base, &now, None)));
            assert_eq!(merged, write(&both), "{mine:?} {theirs:?}");
        }
    }
}
