//! The list of documents: those that somebody may read, or delete where it is the trash, in pages.

use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::Admitted;
use super::base::Base;
use super::documents::{DocumentView, granted, view};
use super::error::Problem;
use super::{Api, search};
use crate::access::Caller;
use crate::auth::{Granted, Mode, Needs};
use crate::ids::DocNumber;
use crate::limits;
use crate::store::{Entry, Listing, Place, Rank, Sort};

/// Documents on a page of the list, when nothing else is asked for.
const PAGE: usize = 100;

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub struct Page {
    documents: Vec<DocumentView>,
    /// Where the next page begins; null for the last.
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// 1 to 1000 documents an answer; 100 by default.
    limit: Option<usize>,
    /// `next_cursor` of the page before, in the same order.
    cursor: Option<String>,
    /// Words to look for.
    query: Option<String>,
    /// Only documents with this tag.
    tag: Option<String>,
    /// The documents in the trash that one may delete, in place of the others.
    #[serde(default)]
    trash: bool,
    /// `updated` and `created` have the last first, `title` goes by the alphabet; `updated` by default.
    #[serde(default)]
    #[param(value_type = String)]
    sort: SortName,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortName {
    #[default]
    Updated,
    Created,
    Title,
}

/// List the documents that one may read
///
/// One that moves in the list between two pages is not missed by anybody who starts over.
#[utoipa::path(
    get, path = "/api/v1/documents", tag = "documents", params(ListQuery),
    responses((status = 200, body = Page)),
)]
pub async fn list(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    if let ListQuery { limit, cursor, query: Some(query), .. } = &*query {
        let wanted = search::Wanted { query, limit: *limit, cursor: cursor.as_deref() };
        return search::list(&api, &base, &admitted.caller, wanted).await;
    }
    let ListQuery { limit, cursor, tag, trash, sort, .. } = query.into_inner();
    let limit = limit.unwrap_or(PAGE);
    if !(1..=limits::LIST_DOCUMENTS).contains(&limit) {
        let most = limits::LIST_DOCUMENTS;
        return Err(Problem::bad_request(format!("The limit must be from 1 to {most}, not {limit}.")));
    }
    let sort = match sort {
        SortName::Updated => Sort::Updated,
        SortName::Created => Sort::Created,
        SortName::Title => Sort::Title,
    };
    let behind = cursor.as_deref().map(|cursor| parse_cursor(cursor, sort)).transpose()?;
    // One more tells whether there is another page.
    let listing = Listing { tag, trash, sort, behind, limit: limit + 1 };
    let mut entries = page(&api, &admitted.caller, listing.clone()).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| more);
    let next_cursor =
        last.map(|(entry, _)| show_cursor(&listing.place(entry, entry.updated_ms), listing.sort));
    let documents = entries.iter().map(|(entry, granted)| view(entry, *granted, &base)).collect();
    Ok(HttpResponse::Ok().json(Page { documents, next_cursor }))
}

/// Of the listed documents the first that somebody may read, or delete where it is the list of the trash.
async fn page(api: &Api, caller: &Caller, mut listing: Listing) -> Result<Vec<(Entry, Granted)>, Problem> {
    let limit = listing.limit;
    let needs = if listing.trash { Needs::Delete } else { Needs::Read };
    if api.access.mode() != Mode::Open {
        listing.limit = limits::LIST_DOCUMENTS;
    }
    let mut found = Vec::new();
    loop {
        let entries = api.documents.list(listing.clone()).await?;
        let is_last = entries.len() < listing.limit;
        listing.behind = entries.last().map(|last| listing.place(last, last.updated_ms).into_owned());
        for entry in entries {
            if let Ok(granted) = granted(api, needs, caller, &entry) {
                found.push((entry, granted));
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// A place in the list as a client holds it: which order it is of, when or what, and a number.
fn show_cursor(place: &Place<'_>, sort: Sort) -> String {
    let letter = letter(sort);
    match place {
        Place::Time(Rank(ms, number)) => format!("{letter}{ms:x}.{:x}", number.0),
        Place::Title(title, number) => {
            format!("{letter}{}.{:x}", URL_SAFE_NO_PAD.encode(title.as_bytes()), number.0)
        }
    }
}

fn letter(sort: Sort) -> char {
    match sort {
        Sort::Updated => 'u',
        Sort::Created => 'c',
        Sort::Title => 't',
    }
}

fn parse_cursor(text: &str, sort: Sort) -> Result<Place<'static>, Problem> {
    let read = || {
        let (place, number) = text.strip_prefix(letter(sort))?.split_once('.')?;
        let hex = |digits| u64::from_str_radix(digits, 16).ok();
        let number = DocNumber(hex(number)?);
        Some(match sort {
            Sort::Updated | Sort::Created => Place::Time(Rank(hex(place)?, number)),
            Sort::Title => {
                let title = String::from_utf8(URL_SAFE_NO_PAD.decode(place).ok()?).ok()?;
                Place::Title(title.into(), number)
            }
        })
    };
    read().ok_or_else(|| {
        let detail =
            "The cursor is none of this list; take \"next_cursor\" of the page before, in the same order.";
        Problem::bad_request(detail)
    })
}
