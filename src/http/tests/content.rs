//! A document's text, its update and its events, for programs.

use actix_web::body::MessageBody;

use super::*;
use crate::import::initial_update;

const CONTENT: &str = "/api/v1/documents/plan/content";

async fn with_a_plan() -> Client {
    let client = Client::new();
    assert_eq!(client.post(json!({"id": "plan", "text": "one two three\nlast line\n"})).await.0, 201);
    client
}

/// Status, entity tag and text.
async fn text(client: &Client, request: TestRequest) -> (u16, String, String) {
    let response = client.send(request).await;
    let (status, tag) = (response.status().as_u16(), header(&response, "etag").to_owned());
    let body = to_bytes(response.into_body()).await.expect("a body").to_vec();
    (status, tag, String::from_utf8(body).expect("UTF-8"))
}

fn put(tag: &str, text: &'static str) -> TestRequest {
    TestRequest::put().uri(CONTENT).insert_header(("if-match", tag)).set_payload(text)
}

#[actix_web::test]
async fn a_text_is_read_and_written_back() {
    let client = with_a_plan().await;
    let (status, first, before) = text(&client, TestRequest::get().uri(CONTENT)).await;
    assert_eq!((status, &*before), (200, "one two three\nlast line\n"));
    let again = TestRequest::get().uri(CONTENT).insert_header(("if-none-match", first.as_str()));
    assert_eq!(text(&client, again).await, (304, first.clone(), String::new()));

    let (status, second, after) = text(&client, put(&first, "one two 3\r\nlast line\r\n")).await;
    assert_eq!((status, &*after), (200, "one two 3\nlast line\n"));
    assert_ne!(first, second);
    // Made of the first text, which is not there any more: both changes are.
    let (status, _, merged) = text(&client, put(&first, "one two three\nthe last line\n")).await;
    assert_eq!((status, &*merged), (200, "one two 3\nthe last line\n"));
    let (status, _, all) = text(&client, put("*", "new")).await;
    assert_eq!((status, &*all), (200, "new"));
}

#[actix_web::test]
async fn nothing_is_overwritten_unseen() {
    let client = with_a_plan().await;
    assert_eq!(client.ask(TestRequest::put().uri(CONTENT).set_payload("x")).await.0, 428);
    for tag in ["\"nobody's\"", "W/\"weak\""] {
        assert_eq!(client.ask(put(tag, "x")).await.0, 412, "{tag}");
    }
    let (_, tag, _) = text(&client, TestRequest::get().uri(CONTENT)).await;
    assert_eq!(client.ask(put(&tag, "a\0b")).await.0, 422);
    let large = TestRequest::put().uri(CONTENT).insert_header(("if-match", tag.as_str()));
    assert_eq!(client.ask(large.set_payload("x".repeat(1001))).await.0, 413);
    assert_eq!(client.text("plan").await, "one two three\nlast line\n");
    client.memory.lock().health = Health::ReadOnly("the disk is full".into());
    assert_eq!(text(&client, put(&tag, "x")).await.0, 503);
}

#[actix_web::test]
async fn an_update_is_taken_and_what_is_lacking_is_given() {
    let client = with_a_plan().await;
    let update = "/api/v1/documents/plan/update";
    let more = initial_update("more ").expect("a text");
    let response = client.send(TestRequest::post().uri(update).set_payload(more)).await;
    assert_eq!(response.status(), 204);
    assert!(client.text("plan").await.contains("more "));
    let whole = client.send(TestRequest::get().uri(update)).await;
    let whole = to_bytes(whole.into_body()).await.expect("a body");
    // Nothing at all is had, and everything is.
    let nothing = client.send(TestRequest::get().uri(&format!("{update}?sv=AA"))).await;
    let nothing = to_bytes(nothing.into_body()).await.expect("a body");
    let text = |state: &web::Bytes| crate::export::Content::of_state(state).expect("readable").text;
    assert_eq!(text(&nothing), text(&whole));
    for wrong in ["%2A", "AQ", "_____________w"] {
        assert_eq!(client.get(&format!("{update}?sv={wrong}")).await.0, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn whoever_listens_hears_the_moment_first() {
    let client = with_a_plan().await;
    let response = client.send(TestRequest::get().uri("/api/v1/documents/plan/events")).await;
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    let mut body = std::pin::pin!(response.into_body());
    let first = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
    let first = first.expect("an event").expect("no error");
    assert!(first.starts_with(b"event: change\ndata: {\"updated\":\"2026-"), "{first:?}");
    client.memory.lock().draining = true;
    let last = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
    assert!(last.expect("a word").expect("no error").starts_with(b": "));
    assert!(std::future::poll_fn(|context| body.as_mut().poll_next(context)).await.is_none());
}
