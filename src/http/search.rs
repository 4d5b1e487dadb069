//! Looking for documents by their words, among those that somebody may read.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::Api;
use super::base::Base;
use super::documents::view;
use super::error::Problem;
use crate::access::Caller;
use crate::auth::{Granted, Mode, Needs, Target};
use crate::limits;
use crate::search::{Hit, Query, Search, Snippet};
use crate::store::Entry;

/// Documents on a page, when nothing else is asked for.
const PAGE: usize = 20;

/// What is found in one go when many of it may not be theirs who ask.
const STEP: usize = 1_000;

/// A page of what a search finds.
pub struct Wanted<'a> {
    pub query: &'a str,
    pub limit: Option<usize>,
    pub cursor: Option<&'a str>,
}

/// `GET /documents?query=`: the documents with all of these words, the best first.
pub async fn list(
    api: &Api,
    base: &Base,
    caller: &Caller,
    wanted: Wanted<'_>,
) -> Result<HttpResponse, Problem> {
    let limit = wanted.limit.unwrap_or(PAGE);
    if !(1..=limits::SEARCH_DOCUMENTS).contains(&limit) {
        let most = limits::SEARCH_DOCUMENTS;
        return Err(Problem::bad_request(format!(
            "The limit of a search must be from 1 to {most}, not {limit}."
        )));
    }
    if wanted.query.chars().count() > limits::SEARCH_QUERY_CHARACTERS {
        let most = limits::SEARCH_QUERY_CHARACTERS;
        return Err(Problem::bad_request(format!("The query is longer than {most} characters.")));
    }
    let skip = wanted.cursor.map_or(Ok(0), parse_cursor)?;
    let Some(search) = &api.search else {
        return Err(Problem::bad_request("This server has no search."));
    };
    // Asked before: what is indexed while the answer is made is not in it.
    let indexing = search.is_indexing();
    let query = Query::parse(wanted.query);
    let Found { documents, next } = find(api, search, caller, &query, skip, limit).await?;
    let mut shown = Vec::new();
    for (entry, granted) in &documents {
        let snippet = snippet(search, &query, entry).await?;
        let mut document = serde_json::to_value(view(entry, *granted, base)).map_err(Problem::internal)?;
        document["snippet"] = serde_json::to_value(snippet).map_err(Problem::internal)?;
        shown.push(document);
    }
    let next = next.map(|skip| skip.to_string());
    Ok(HttpResponse::Ok().json(json!({"documents": shown, "next_cursor": next, "indexing": indexing})))
}

struct Found {
    documents: Vec<(Entry, Granted)>,
    /// Where there is more, how many hits come before it.
    next: Option<usize>,
}

/// The first that somebody may read of what is found, without the first `skip`.
async fn find(
    api: &Api,
    search: &Search,
    caller: &Caller,
    query: &Query,
    mut skip: usize,
    limit: usize,
) -> Result<Found, Problem> {
    // One more tells whether there is another page.
    let step = if api.access.mode() == Mode::Open { limit + 1 } else { STEP };
    let mut documents = Vec::new();
    loop {
        let (asked, query) = (search.clone(), query.clone());
        let hits = web::block(move || asked.find(&query, skip, step)).await.map_err(Problem::internal)?;
        let hits = hits.map_err(Problem::internal)?;
        let is_last = hits.len() < step;
        for (at, hit) in hits.into_iter().enumerate() {
            let Some(found) = readable(api, caller, hit).await? else { continue };
            if documents.len() == limit {
                return Ok(Found { documents, next: Some(skip + at) });
            }
            documents.push(found);
        }
        if is_last {
            return Ok(Found { documents, next: None });
        }
        skip += step;
    }
}

/// The document, if it is theirs to read and still there.
async fn readable(api: &Api, caller: &Caller, hit: Hit) -> Result<Option<(Entry, Granted)>, Problem> {
    let target = Target { id: &hit.id, number: Some(hit.number) };
    let Ok(granted) = api.access.decide(Needs::Read, caller, Some(target)) else { return Ok(None) };
    let entry = api.documents.entry(&hit.id).await?;
    let is_it = |entry: &Entry| entry.number == hit.number && entry.is_findable();
    Ok(entry.filter(is_it).map(|entry| (entry, granted)))
}

async fn snippet(search: &Search, query: &Query, entry: &Entry) -> Result<Snippet, Problem> {
    let (search, query, number) = (search.clone(), query.clone(), entry.number);
    let made = web::block(move || search.snippet(&query, number)).await.map_err(Problem::internal)?;
    made.map_err(Problem::internal)
}

fn parse_cursor(text: &str) -> Result<usize, Problem> {
    text.parse().ok().filter(|skip| u32::try_from(*skip).is_ok()).ok_or_else(|| {
        Problem::bad_request("The cursor is none of a search; take \"next_cursor\" of the page before.")
    })
}
