//! What counts as a word, for the index and for whoever asks. Pure.
//!
//! The index is made by SQLite's tokenizer `unicode61`, which takes a run of letters for a word. Chinese and Japanese put no spaces between
//! words, so there every character is given to it as a word of its own, and a run of them is looked for as a phrase: any part of a
//! sentence is found, be it one character long. Other words are found by their beginning.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A change to what this file makes of a text makes every index useless: see `FORMAT` in `index.rs`.
///
/// Text as the index is given it: in one normal form, so that a letter is the same however it was typed, with each character of
/// Chinese, Japanese and Korean as a word.
pub fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 8);
    for c in text.nfkc() {
        let alone = is_cjk(c);
        if alone {
            spaced.push(' ');
        }
        // SQLite takes a zero for the end of a text.
        spaced.push(if c == '\0' { ' ' } else { c });
        if alone {
            spaced.push(' ');
        }
    }
    spaced
}

/// What somebody looks for: all of these words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    /// Found anywhere, and not only where a word begins.
    anywhere: bool,
}

impl Query {
    /// The words of what somebody typed. Nothing in it is syntax.
    pub fn parse(typed: &str) -> Query {
        let mut words: Vec<Word> = Vec::new();
        let mut goes_on = false;
        for c in typed.nfkc() {
            if !is_of_word(c) {
                goes_on = false;
                continue;
            }
            match words.last_mut().filter(|word| goes_on && word.anywhere == is_cjk(c)) {
                Some(word) => word.text.push(c),
                None => words.push(Word { text: c.into(), anywhere: is_cjk(c) }),
            }
            goes_on = true;
        }
        words.retain(|word| word.text.chars().any(char::is_alphanumeric));
        Query { words }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The query in the language of FTS5: strings only, of letters only. What stands side by side has to be there all of it.
    pub fn to_fts(&self) -> String {
        let quoted = |word: &Word| match word.anywhere {
            true => format!("\"{}\"", spaced(&word.text)),
            false => format!("\"{}\" *", word.text),
        };
        self.words.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// The words as [`folded`] has them, and whether each is found anywhere.
    pub(super) fn folded(&self) -> Vec<(Vec<char>, bool)> {
        let letters = |word: &Word| word.text.chars().flat_map(folded).collect();
        self.words.iter().map(|word| (letters(word), word.anywhere)).collect()
    }
}

/// A character as it is compared: without its case and its accents, like the index does it.
pub(super) fn folded(c: char) -> impl Iterator<Item = char> {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let plain = std::iter::once(c).nfkd().filter(move |c| !is_accent(c));
    plain.nfc().flat_map(char::to_lowercase)
}

/// Letters, digits, and the marks that are written onto letters.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Characters of the scripts that do not put spaces between words. Korean does, and is found inside of words as well.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(
        u32::from(c),
        0x1100..=0x11ff      // Hangul, in parts
        | 0x3005..=0x3007    // 々 〆 〇
        | 0x3021..=0x3029    // Hangzhou numerals
        | 0x3031..=0x3035 | 0x3038..=0x303c
        | 0x3041..=0x3096 | 0x309d..=0x309f // Hiragana
        | 0x30a1..=0x30fa | 0x30fc..=0x30ff // Katakana
        | 0x3105..=0x312f    // Bopomofo
        | 0x3131..=0x318e    // Hangul, letters
        | 0x31a0..=0x31bf | 0x31f0..=0x31ff
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff // Han
        | 0xac00..=0xd7a3    // Hangul, syllables
        | 0xf900..=0xfaff
        | 0x1b000..=0x1b16f  // Kana, old forms
        | 0x20000..=0x3fffd  // Han, rare ones
    )
}
