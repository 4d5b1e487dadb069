//! Text as XML takes it.

/// Put text between tags, or into an attribute. What XML has no way to write is dropped: one such character, and no program opens the file.
pub fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => into.push(c),
            _ => {}
        }
    }
}

/// The same as a text of its own.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape(&mut escaped, text);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_say_is_dropped_and_the_rest_stays() {
        assert_eq!(escaped("a < b && \"c\" > d"), "a &lt; b &amp;&amp; &quot;c&quot; &gt; d");
        assert_eq!(escaped("\0a\u{8}\u{b}\u{c}\u{1b}b\r\u{fffe}\u{ffff}c\td\ne"), "abc\td\ne");
        assert_eq!(
            escaped("中文 🦊 \u{7f}\u{85}\u{fffd}\u{10ffff}"),
            "中文 🦊 \u{7f}\u{85}\u{fffd}\u{10ffff}"
        );
    }
}
