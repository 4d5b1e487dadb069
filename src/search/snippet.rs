//! The place in a text that shows why it was found. Pure.

use serde::Serialize;

use super::words::{Query, folded, is_of_word};

/// Characters of a snippet.
const CHARACTERS: usize = 200;

/// Of these so many before the first word.
const BEFORE: usize = 40;

/// Places that are looked at for the best one. Who looks for "a" finds enough of it.
const PLACES: usize = 1_000;

/// A line out of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    pub text: String,
    /// Where words of the query stand in it: from and to, in UTF-16 code units, in order and apart from each other.
    pub marks: Vec<(usize, usize)>,
}

/// Where a word of the query stands in a text, in characters.
#[derive(Debug, Clone, Copy)]
struct Place {
    from: usize,
    to: usize,
    word: usize,
}

/// The part of the text in which most words of the query stand, or its beginning. Takes time in proportion to the text.
pub fn snippet(text: &str, query: &Query) -> Snippet {
    let letters: Vec<char> = text.chars().collect();
    let places = places(&letters, query);
    let best = best(&places).map_or(0, |place| place.from);
    let mut from = best.saturating_sub(BEFORE);
    // Not from the middle of a word, unless it is a long one.
    if from > 0 {
        let gap = letters[from..best].iter().position(|&c| !is_of_word(c));
        from += gap.map_or(0, |gap| gap + 1);
    }
    let to = letters.len().min(from + CHARACTERS);
    show(&letters, from, to, &places)
}

/// The place behind which most different words come within a snippet's length; of equals the first.
fn best(places: &[Place]) -> Option<&Place> {
    let words_behind = |at: usize| {
        let within = |place: &&Place| place.to <= places[at].from + CHARACTERS - BEFORE;
        let mut words: Vec<usize> = places[at..].iter().take_while(within).map(|place| place.word).collect();
        words.sort_unstable();
        words.dedup();
        words.len()
    };
    let ranked = (0..places.len()).map(|at| (words_behind(at), std::cmp::Reverse(at)));
    ranked.max().map(|(_, at)| &places[at.0])
}

/// Where the query's words stand, in order.
fn places(letters: &[char], query: &Query) -> Vec<Place> {
    let words = query.folded();
    let mut places = Vec::new();
    let mut is_beginning = true;
    for from in 0..letters.len() {
        let longest = words.iter().enumerate().filter(|(_, (_, anywhere))| *anywhere || is_beginning);
        let longest =
            longest.filter_map(|(word, (wanted, _))| Some((length(&letters[from..], wanted)?, word)));
        if let Some((length, word)) = longest.max() {
            places.push(Place { from, to: from + length, word });
            if places.len() == PLACES {
                break;
            }
        }
        is_beginning = !is_of_word(letters[from]);
    }
    places
}

/// How many of these letters make the word, if they begin with it.
fn length(letters: &[char], word: &[char]) -> Option<usize> {
    let mut left = word;
    for (at, &letter) in letters.iter().enumerate() {
        if left.is_empty() {
            return Some(at);
        }
        for c in folded(letter) {
            match left.split_first() {
                Some((&next, rest)) if next == c => left = rest,
                // A letter that is written as several may begin in the word and end behind it.
                None => {}
                Some(_) => return None,
            }
        }
    }
    left.is_empty().then_some(letters.len())
}

/// That part as one line.
fn show(letters: &[char], from: usize, to: usize, places: &[Place]) -> Snippet {
    let mut shown = Snippet::default();
    let (mut units, mut inside) = (0, 0);
    let mut put = |c: char, text: &mut String| {
        text.push(c);
        units += c.len_utf16();
        units
    };
    if from > 0 {
        put('…', &mut shown.text);
    }
    let mut places = places.iter().skip_while(|place| place.from < from).peekable();
    let mut marked_to = 0;
    for (at, &c) in letters.iter().enumerate().take(to).skip(from) {
        let end = put(if c.is_whitespace() || c.is_control() { ' ' } else { c }, &mut shown.text);
        while let Some(place) = places.next_if(|place| place.from == at) {
            marked_to = marked_to.max(place.to);
        }
        if at < marked_to {
            if inside == 0 {
                shown.marks.push((end - c.len_utf16(), end));
            }
            inside = 1;
            shown.marks.last_mut().expect("one was begun").1 = end;
        } else {
            inside = 0;
        }
    }
    if to < letters.len() {
        put('…', &mut shown.text);
    }
    shown
}
