//! Whom a document's page shows the document's first lines.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use super::access::{Browser, House, nobody};
use super::*;
use crate::http::glimpse::Glimpse;
use crate::ids::DocId;
use crate::import::initial_update;
use crate::limits;

/// The place for them in a page.
const PAGE: &str = "<!-- glimpse -->";

async fn seen(api: &web::Data<Api>, who: &Browser, id: &str) -> Option<String> {
    let cookie = who.cookie.clone().unwrap_or_default();
    let request = TestRequest::get().app_data(api.clone()).insert_header(("cookie", cookie));
    let id = DocId::parse(id).expect("an id");
    Glimpse::of(&request.to_http_request(), &id).await.map(|glimpse| glimpse.within(PAGE))
}

#[actix_web::test]
async fn where_all_is_open_the_page_begins_with_the_text() {
    let client = Client::new();
    client.post(json!({"id": "plan", "kind": "text", "text": "One\ntwo"})).await;
    let page = seen(&client.api, &nobody(), "plan").await.expect("it is read");
    assert_eq!(page, "<div class=\"glimpse\" data-kind=\"text\"><div>One</div><div>two</div></div>");
    assert_eq!(seen(&client.api, &nobody(), "nowhere").await, None, "and nothing is made by looking");
    assert_eq!(client.get("/api/v1/documents/nowhere").await.0, 404);
}

#[actix_web::test]
async fn a_large_documents_page_comes_without() {
    let client = Client::new();
    let (plan, memory) = (DocId::parse("plan").expect("an id"), client.memory.clone());
    client.post(json!({"id": "plan", "text": "word "})).await;
    assert!(seen(&client.api, &nobody(), "plan").await.is_some());
    let large = "word ".repeat(limits::GLIMPSE_STATE_BYTES / 5 + 1);
    memory
        .contribute(&plan, "api".into(), initial_update(&large).expect("a text"))
        .await
        .expect("it is taken");
    assert_eq!(seen(&client.api, &nobody(), "plan").await, None);
}

#[actix_web::test]
async fn only_those_see_it_who_may_read() {
    let house = House::new();
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    house.ask(&ann, Method::POST, "/documents", json!({"id": "plan", "text": "secret"})).await;
    let shown = |page: Option<String>| page.is_some_and(|page| page.contains("secret"));
    assert!(shown(seen(&house.api, &ann, "plan").await));
    assert_eq!(seen(&house.api, &ben, "plan").await, None);
    assert_eq!(seen(&house.api, &nobody(), "plan").await, None);

    house.ask(&ann, Method::PUT, "/documents/plan/grants/ben", json!({"role": "viewer"})).await;
    let page = seen(&house.api, &ben, "plan").await.expect("it is read");
    assert!(page.contains("data-readonly") && page.contains("secret"), "{page}");

    house.ask(&ann, Method::DELETE, "/documents/plan", json!(null)).await;
    assert_eq!(seen(&house.api, &ann, "plan").await, None, "what is in the trash is not shown");
}
