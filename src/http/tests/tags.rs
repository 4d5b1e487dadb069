//! The list of tags, as whoever asks sees it.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::Client;
use super::access::{House, nobody};
use crate::limits;

/// A list of tags with nothing left out.
fn listed(tags: &[(&str, usize)]) -> Value {
    let rows: Vec<Value> =
        tags.iter().map(|(name, documents)| json!({"name": name, "documents": documents})).collect();
    json!({"tags": rows, "total": tags.len()})
}

async fn make(client: &Client, id: &str, tags: &[&str]) {
    assert_eq!(client.post(json!({"id": id})).await.0, 201);
    let path = format!("/api/v1/documents/{id}");
    assert_eq!(client.ask(TestRequest::patch().uri(&path).set_json(json!({"tags": tags}))).await.0, 200);
}

#[actix_web::test]
async fn tags_are_listed_with_how_many_documents_have_them() {
    let client = Client::new();
    assert_eq!(client.get("/api/v1/tags").await, (200, listed(&[])));
    make(&client, "a", &["work", "home"]).await;
    make(&client, "b", &["work", "工作"]).await;
    make(&client, "c", &["once"]).await;
    client.post(json!({"id": "bare"})).await;
    let all = listed(&[("work", 2), ("home", 1), ("once", 1), ("工作", 1)]);
    assert_eq!(client.get("/api/v1/tags").await, (200, all.clone()));

    let ask = |method, path: &str| TestRequest::default().method(method).uri(path);
    assert_eq!(client.ask(ask(Method::DELETE, "/api/v1/documents/b")).await.0, 204);
    let left = listed(&[("home", 1), ("once", 1), ("work", 1)]);
    assert_eq!(client.get("/api/v1/tags").await.1, left, "what is in the trash does not count");
    assert_eq!(client.ask(ask(Method::POST, "/api/v1/documents/b/restore")).await.0, 200);
    assert_eq!(client.get("/api/v1/tags").await.1, all);
    assert_eq!(client.ask(ask(Method::DELETE, "/api/v1/documents/b?for_good=true")).await.0, 204);
    assert_eq!(client.get("/api/v1/tags").await.1, left);
}

#[actix_web::test]
async fn only_so_many_tags_are_listed() {
    let client = Client::new();
    make(&client, "first", &["used twice"]).await;
    make(&client, "second", &["used twice"]).await;
    // Of 64 times 16 the last by name are left out.
    for n in 0..64 {
        let tags: Vec<String> = (0..limits::TAGS).map(|tag| format!("{n:02}-{tag:02}")).collect();
        make(&client, &format!("d{n}"), &tags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let (_, answer) = client.get("/api/v1/tags").await;
    let names: Vec<_> = answer["tags"].as_array().expect("a list").iter().map(|tag| &tag["name"]).collect();
    assert_eq!((names.len(), &answer["total"]), (limits::LIST_TAGS, &json!(64 * limits::TAGS + 1)));
    assert_eq!((names[0], names[1], names[999]), (&json!("used twice"), &json!("00-00"), &json!("62-06")));
}

#[actix_web::test]
async fn nobody_learns_a_tag_of_what_they_may_not_read() {
    let house = House::new();
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    for (who, id, tags) in [(&ann, "plan", json!(["work", "plans"])), (&ben, "diary", json!(["work", "me"]))]
    {
        assert_eq!(house.ask(who, Method::POST, "/documents", json!({"id": id})).await.0, 201);
        let path = format!("/documents/{id}");
        assert_eq!(house.ask(who, Method::PATCH, &path, json!({"tags": tags})).await.0, 200);
    }
    assert_eq!(house.get(&ann, "/tags").await.2, listed(&[("plans", 1), ("work", 1)]));
    assert_eq!(house.get(&ben, "/tags").await.2, listed(&[("me", 1), ("work", 1)]));
    let viewer = json!({"role": "viewer"});
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/diary/grants/ann", viewer).await.0, 200);
    assert_eq!(house.get(&ann, "/tags").await.2, listed(&[("work", 2), ("me", 1), ("plans", 1)]));
    assert_eq!(house.ask(&ben, Method::DELETE, "/documents/diary/grants/ann", Value::Null).await.0, 204);
    assert_eq!(house.get(&ann, "/tags").await.2, listed(&[("plans", 1), ("work", 1)]));
    assert_eq!(house.get(&nobody(), "/tags").await.0, 401);
}
