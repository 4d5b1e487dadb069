//! A document's title as a file name, and as the header that carries it.

/// Longest stem, in bytes of UTF-8: with an extension it stays below the 255 that file systems take.
const STEM_BYTES: usize = 120;

/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// A name for the file that every operating system takes: from the title, from the id when nothing of the title
/// is left, and with the extension once.
pub fn file_name(title: &str, id: &str, extension: &str) -> String {
    let dotted = format!(".{extension}");
    let title = match title.len().checked_sub(dotted.len()).and_then(|at| title.split_at_checked(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(&dotted) => stem,
        _ => title,
    };
    let stem = [title, id].into_iter().map(stem).find(|stem| !stem.is_empty());
    stem.unwrap_or_else(|| "document".to_owned()) + &dotted
}

/// What may stand in a file name everywhere.
fn stem(text: &str) -> String {
    let safe = |c: char| match c {
        '/' | '\\' | ':' | '|' => '-',
        '*' | '?' | '"' | '<' | '>' => ' ',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    };
    let spaced: String = text.chars().filter(|&c| !invisible(c)).map(safe).collect();
    let mut stem = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    stem.truncate(stem.floor_char_boundary(STEM_BYTES));
    // A leading dot hides a file, a leading dash is an option to a shell, and Windows drops dots at the end.
    let stem = stem.trim_start_matches(['.', '-', ' ', '~']).trim_end_matches(['.', ' ', '-']);
    match is_device(stem) {
        true => format!("_{stem}"),
        false => stem.to_owned(),
    }
}

/// Characters that show nothing or turn the text around: `gpj.exe` must not read `exe.jpg`.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_device(stem: &str) -> bool {
    let name = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.chars().count() == 1);
    DEVICES.contains(&name.as_str()) || numbered("COM") || numbered("LPT")
}

/// The `Content-Disposition` of a download (RFC 6266): the name in ASCII for all, and as it is, in the encoding of
/// RFC 8187, for those that can read it.
pub fn content_disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '%');
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut header = format!("attachment; filename=\"{ascii}\"");
    if ascii != name {
        header.push_str("; filename*=UTF-8''");
        for &byte in name.as_bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => header.push(byte as char),
                b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => {
                    header.push(byte as char)
                }
                _ => header.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn md(title: &str) -> String {
        file_name(title, "id7", "md")
    }

    #[test]
    fn a_title_becomes_a_name_that_reads_like_it() {
        assert_eq!(md("Meeting notes"), "Meeting notes.md");
        assert_eq!(md("  Straße   und\tÜbung  "), "Straße und Übung.md");
        assert_eq!(md("README.md"), "README.md");
        assert_eq!(md("日本語 📝"), "日本語 📝.md");
        assert_eq!(md("v1.2 / plan: a|b"), "v1.2 - plan- a-b.md");
    }

    #[test]
    fn hostile_titles_stay_in_their_folder() {
        assert_eq!(md("../../etc/passwd"), "etc-passwd.md");
        assert_eq!(md("..\\..\\boot.ini"), "boot.ini.md");
        assert_eq!(md("-rf *"), "rf.md");
        assert_eq!(md(".bashrc"), "bashrc.md");
        assert_eq!(md("a\0b\r\nSet-Cookie: x"), "a b Set-Cookie- x.md");
        assert_eq!(md("photo\u{202e}gpj.exe"), "photogpj.exe.md");
    }

    #[test]
    fn names_that_windows_keeps_are_marked() {
        assert_eq!(md("con"), "_con.md");
        assert_eq!(md("COM1"), "_COM1.md");
        assert_eq!(md("nul.txt"), "_nul.txt.md");
        assert_eq!(md("console"), "console.md");
        assert_eq!(md("trailing..."), "trailing.md");
    }

    #[test]
    fn nothing_left_of_the_title_means_the_id() {
        for title in ["", "   ", "...", "\u{200b}", "???"] {
            assert_eq!(md(title), "id7.md", "{title:?}");
        }
        assert_eq!(file_name("", "...", "txt"), "document.txt");
    }

    #[test]
    fn long_titles_end_at_a_character() {
        let name = md(&"é".repeat(500));
        assert_eq!(name, format!("{}.md", "é".repeat(60)));
    }

    #[test]
    fn the_header_says_the_name_twice_when_it_is_not_ascii() {
        assert_eq!(content_disposition("notes.md"), "attachment; filename=\"notes.md\"");
        assert_eq!(
            content_disposition("Übung 100%.md"),
            "attachment; filename=\"_bung 100_.md\"; filename*=UTF-8''%C3%9Cbung%20100%25.md"
        );
        assert_eq!(
            content_disposition("a\"b\r\n.md"),
            "attachment; filename=\"a_b__.md\"; filename*=UTF-8''a%22b%0D%0A.md"
        );
    }
}
