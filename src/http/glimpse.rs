//! What of a document its page has in it already: its title and its first lines, which are read while the editor is on its way and are
//! where the editor then has them.

use actix_web::{HttpRequest, web};
use bytes::Bytes;

use super::{Api, access};
use crate::auth::{Needs, Target};
use crate::export::{Content, escaped};
use crate::ids::{DocId, Kind};
use crate::limits;

/// Where they go in the page (`web/index.html`).
const TITLE: &str = "<i class=\"skeleton-title\"></i>";
const LINES: &str = "<!-- glimpse -->";

/// The beginning of a document.
#[derive(Debug, PartialEq)]
pub struct Glimpse {
    title: String,
    kind: Kind,
    /// Whether whoever asked may write.
    writable: bool,
    lines: Vec<String>,
}

impl Glimpse {
    /// The beginning of a document for whoever opens its page, if they may read it. Nothing waits for it: what is large or slow is
    /// opened without.
    pub async fn of(request: &HttpRequest, id: &DocId) -> Option<Glimpse> {
        let api = request.app_data::<web::Data<Api>>()?;
        tokio::time::timeout(limits::GLIMPSE_WITHIN, read(request, api, id)).await.ok()?
    }

    fn new(title: &str, kind: Kind, writable: bool, text: &str) -> Glimpse {
        let mut room = limits::GLIMPSE_CHARS;
        let lines = text.lines().take(limits::GLIMPSE_LINES).map_while(|line| {
            let shown: String = (room > 0).then(|| line.chars().take(room).collect())?;
            room = room.saturating_sub(shown.chars().count().max(1));
            Some(shown)
        });
        Glimpse { title: title.into(), kind, writable, lines: lines.collect() }
    }

    /// The page with this in the place of the shapes that stand for it.
    pub fn within(&self, page: &str) -> String {
        let line = |line: &String| match line.as_str() {
            "" => "<div><br></div>".to_owned(),
            line => format!("<div>{}</div>", escaped(line)),
        };
        let lines: String = self.lines.iter().map(line).collect();
        let readonly = if self.writable { "" } else { " data-readonly" };
        let kind = self.kind.as_str();
        let lines = match lines.as_str() {
            "" => String::new(),
            lines => format!("<div class=\"glimpse\" data-kind=\"{kind}\"{readonly}>{lines}</div>"),
        };
        let title = match self.title.as_str() {
            "" => TITLE.to_owned(),
            title => format!("<b class=\"skeleton-title\">{}</b>", escaped(title)),
        };
        // The title last: what is written into the page is not to be taken for a place in it.
        let (before, behind) = page.split_once(LINES).unwrap_or((page, ""));
        before.replacen(TITLE, &title, 1) + &lines + behind
    }
}

async fn read(request: &HttpRequest, api: &Api, id: &DocId) -> Option<Glimpse> {
    let caller = access::caller(request, api, Needs::Read, Some(id)).await.ok()?;
    let entry = api.documents.find(id).await.ok()?;
    let target = Target { id, number: access::number(Some(&entry)) };
    let granted = api.access.decide(Needs::Read, &caller, Some(target)).ok()?;
    let (entry, state) = api.documents.state(id).await.ok()?;
    if state.len() > limits::GLIMPSE_STATE_BYTES {
        return None;
    }
    let text = web::block(move || text_of(&state)).await.ok()??;
    let writable = granted.role.is_none_or(|role| role.may_write());
    Some(Glimpse::new(&entry.title, entry.kind, writable, &text))
}

fn text_of(state: &Bytes) -> Option<String> {
    Content::of_state(state).ok().map(|content| content.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<div><i class=\"skeleton-title\"></i></div><!-- glimpse --><div>shapes</div>";

    fn glimpse(text: &str) -> Glimpse {
        Glimpse::new("A plan", Kind::Markdown, true, text)
    }

    #[test]
    fn the_page_has_the_title_and_the_first_lines() {
        assert_eq!(
            glimpse("# One\n\ntwo").within(PAGE),
            "<div><b class=\"skeleton-title\">A plan</b></div><div class=\"glimpse\" data-kind=\"markdown\">\
             <div># One</div><div><br></div><div>two</div></div><div>shapes</div>"
        );
    }

    #[test]
    fn what_is_empty_keeps_its_shapes() {
        let empty = Glimpse::new("", Kind::Text, true, "");
        assert_eq!(empty.within(PAGE), PAGE.replace(LINES, ""));
    }

    #[test]
    fn nothing_of_it_is_markup_or_a_place_in_the_page() {
        let text = "<script>alert(1)</script>\n<!-- glimpse -->\n<i class=\"skeleton-title\"></i> & so on";
        let page = Glimpse::new(text, Kind::Code, false, text).within(PAGE);
        assert_eq!(page.matches('<').count(), PAGE.matches('<').count() + 7, "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&amp; so on"));
        assert!(page.contains("data-kind=\"code\" data-readonly>"));
    }

    #[test]
    fn it_is_the_beginning_and_no_more() {
        let lines = glimpse(&"word\n".repeat(10_000)).lines;
        assert_eq!(lines.len(), limits::GLIMPSE_LINES);
        let one = glimpse(&"\u{5b57}".repeat(1_000_000)).lines;
        assert_eq!(one.iter().map(|line| line.chars().count()).collect::<Vec<_>>(), [limits::GLIMPSE_CHARS]);
    }
}
