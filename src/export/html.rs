//! A document as one HTML page: readable on its own, on paper and in the dark, and unable to run anything.
//!
//! Three layers keep a hostile document harmless, each enough alone: comrak shows raw HTML as text and drops
//! dangerous links, ammonia keeps only what it knows, and the page's policy allows no script, frame or form.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use comrak::Arena;

use super::{Content, Pictures, Source, markdown};
use crate::ids::Kind;

/// What the page may load: its own style and pictures. Also sent as a header, where there is one.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:";

const STYLE: &str = include_str!("page.css");

/// Bytes of pictures that one page carries. From the first that does not fit they stay addresses, which show something only beside a
/// folder `images`: a page of hundreds of megabytes would be opened by no browser.
const PICTURES_BYTES: usize = 32 * 1024 * 1024;

pub fn page(source: &Source, content: &Content, pictures: Pictures<'_>) -> String {
    let text = &content.text;
    let title = match source.title.trim() {
        "" => source.id.as_str(),
        title => title,
    };
    let body = match source.kind {
        Kind::Markdown => {
            laid_out(text).map_or_else(|| plain(text), |html| illustrated(&html, pictures, PICTURES_BYTES))
        }
        Kind::Code => code(text, content.meta.get("language").and_then(|language| language.as_str())),
        Kind::Text => plain(text),
    };
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn plain(text: &str) -> String {
    format!("<pre class=\"plain\">{}</pre>\n", escaped(text))
}

/// Code says what language it is in, if its writers did, to whoever shows the page with colours.
fn code(text: &str, language: Option<&str>) -> String {
    match language.filter(|language| is_language(language)) {
        Some(language) => {
            format!(
                "<pre class=\"plain\"><code class=\"language-{language}\">{}</code></pre>\n",
                escaped(text)
            )
        }
        None => plain(text),
    }
}

/// A short name, as the web app writes them. Anybody may have written something else.
fn is_language(name: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'#' | b'-');
    (1..=32).contains(&name.len()) && name.bytes().all(fits)
}

/// The Markdown as sanitized HTML, or `None` when it is too long or nests too deep.
fn laid_out(text: &str) -> Option<String> {
    let (arena, options) = (Arena::new(), markdown::options());
    let root = markdown::parse(&arena, text, &options)?;
    let mut html = String::new();
    comrak::format_html(root, &options, &mut html).expect("a String takes all that is written");
    Some(SANITIZER.clean(&html).to_string())
}

/// Sanitized HTML with the document's own pictures in it, so that the page stands on its own.
///
/// In text the sanitizer writes `<` as an entity, and in attributes the quotes, so what is looked for is nothing but the beginning of a
/// picture. The bytes come last, so that nobody has to parse megabytes of them.
fn illustrated(html: &str, pictures: Pictures<'_>, most: usize) -> String {
    const PICTURE: &str = "<img src=\"";
    let (mut page, mut left) = (String::with_capacity(html.len()), most);
    let mut parts = html.split_inclusive(PICTURE);
    page.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let address = part.split('"').next().unwrap_or_default();
        // Once one did not fit, no other is even read: the same large picture may stand here a thousand times.
        match if left > 0 { pictures(address) } else { None } {
            Some((media_type, bytes)) if bytes.len() <= left => {
                left -= bytes.len();
                page.push_str("data:");
                page.push_str(media_type);
                page.push_str(";base64,");
                STANDARD.encode_string(&bytes, &mut page);
                page.push_str(&part[address.len()..]);
            }
            found => {
                left = if found.is_some() { 0 } else { left };
                page.push_str(part);
            }
        }
    }
    page
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    for heading in ["h1", "h2", "h3", "h4", "h5", "h6"] {
        builder.add_tag_attributes(heading, ["id"]);
    }
    builder
        .add_tags(["input", "section"])
        .add_tag_attributes("input", ["checked", "disabled"])
        .set_tag_attribute_value("input", "type", "checkbox")
        .add_tag_attributes("a", ["id", "aria-label"])
        .add_tag_attributes("li", ["id"])
        .add_tag_attributes("code", ["class"])
        .add_allowed_classes("a", ["anchor", "footnote-backref"])
        .add_allowed_classes("ul", ["contains-task-list"])
        .add_allowed_classes("ol", ["contains-task-list"])
        .add_allowed_classes("li", ["task-list-item"])
        .add_allowed_classes("section", ["footnotes"])
        .add_allowed_classes("sup", ["footnote-ref"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "data"]))
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("code", "class") => value.starts_with("language-").then(|| value.into()),
            ("img", "src") => (!is_data(value) || is_picture(value)).then(|| value.into()),
            // A data: link opens a page of the document's making.
            _ => (!is_data(value) || !matches!(attribute, "href" | "cite")).then(|| value.into()),
        });
    builder
});

fn is_data(url: &str) -> bool {
    // Browsers skip blanks and control characters before a scheme and within it.
    let mut letters = url.chars().filter(|c| !c.is_whitespace() && !c.is_control());
    "data:".chars().all(|c| letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&c)))
}

/// Pictures that are only pixels; an SVG is a program.
fn is_picture(url: &str) -> bool {
    ["data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"].iter().any(|kind| {
        let rest = url.get(..kind.len()).filter(|start| start.eq_ignore_ascii_case(kind));
        rest.is_some() && url[kind.len()..].starts_with([';', ','])
    })
}

/// Text as HTML takes it, between tags and in attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
