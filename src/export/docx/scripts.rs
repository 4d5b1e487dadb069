//! Which letters are East Asian: they have fonts of their own, and Chinese and Japanese have no blanks between words.

/// Whether a text has letters that Word sets in the East Asian font. Quotation marks and dashes beside them are then set in it too.
pub fn is_east_asian(text: &str) -> bool {
    text.chars().any(|c| joins(c) || is_hangul(c))
}

/// Whether a line that ends with the one letter goes on without a blank in a line that begins with the other. Quotation marks and dashes
/// are everybody's: they go with what is beside them.
pub fn join(last: char, next: char) -> bool {
    let may = |c| joins(c) || matches!(c, '‘' | '’' | '“' | '”' | '—' | '…');
    (joins(last) && may(next)) || (may(last) && joins(next))
}

/// Whether this letter stands beside others without a blank.
fn joins(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{312f}' | '\u{3190}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}')
        || matches!(c, '\u{ff00}'..='\u{ff9f}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3ffff}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
}

/// How wide a letter is set, in half squares.
pub fn width(c: char) -> usize {
    if joins(c) || is_hangul(c) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_japanese_join_and_korean_does_not() {
        for c in ['中', '。', '，', 'か', 'カ', '「', '𠀀'] {
            assert!(joins(c) && is_east_asian(&c.to_string()), "{c}");
        }
        for c in ['a', 'é', 'я', '한', '1', '.', '“', '🦊'] {
            assert!(!joins(c), "{c}");
        }
        assert!(is_east_asian("a 한") && !is_east_asian("“é” я 🦊"));
        assert!(
            join('文', '”') && join('”', '中') && !join('”', '“') && !join('文', 'a') && !join('a', '中')
        );
        assert_eq!((width('中'), width('한'), width('a')), (2, 2, 1));
    }
}
