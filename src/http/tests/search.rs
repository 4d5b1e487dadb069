//! Searching, as whoever asks sees it.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::Client;
use super::access::House;
use crate::ids::{DocId, DocNumber};
use crate::search::{Document, Index, Search};

/// An index with these documents: number, id, text. What the index holds of a document is what counts, not what it says itself.
fn indexed(documents: &[(u64, &str, &str)]) -> (tempfile::TempDir, Search, Index) {
    let folder = tempfile::tempdir().expect("a folder");
    let search = Search::default();
    let mut index = search.open(folder.path()).expect("a new index");
    let document = |&(number, id, text): &(u64, &str, &str)| Document {
        number: DocNumber(number),
        id: DocId::parse(id).expect("an id"),
        updated_ms: 1,
        title: String::new(),
        text: text.into(),
    };
    index.put(&documents.iter().map(document).collect::<Vec<_>>()).expect("room");
    (folder, search, index)
}

fn ids(answer: &Value) -> Vec<&str> {
    let documents = answer["documents"].as_array().expect("documents");
    documents.iter().map(|document| document["id"].as_str().expect("an id")).collect()
}

#[actix_web::test]
async fn documents_are_found_page_by_page_with_what_was_found_in_them() {
    let (_folder, search, _index) =
        indexed(&[(0, "a", "the 🦊 plan"), (1, "b", "the plan"), (2, "c", "a plan"), (7, "never", "a plan")]);
    let client = Client::searching(search.clone());
    for id in ["a", "b", "c"] {
        assert_eq!(client.post(json!({"id": id, "title": id})).await.0, 201);
    }
    let (status, first) = client.get("/api/v1/documents?query=Plan&limit=2").await;
    assert_eq!((status, &first["indexing"]), (200, &json!(true)));
    let cursor = first["next_cursor"].as_str().expect("there is more");
    search.complete();
    let (_, second) = client.get(&format!("/api/v1/documents?query=Plan&limit=2&cursor={cursor}")).await;
    assert_eq!((&second["next_cursor"], &second["indexing"]), (&Value::Null, &json!(false)));
    let mut found = [ids(&first), ids(&second)].concat();
    found.sort_unstable();
    assert_eq!(found, ["a", "b", "c"], "and not the one that is in the index only");

    let (_, fox) = client.get("/api/v1/documents?query=the%20PLAN%20the").await;
    let of_a = fox["documents"].as_array().expect("documents").iter().find(|found| found["id"] == "a");
    let expected = json!({"text": "the 🦊 plan", "marks": [[0, 3], [7, 11]]});
    assert_eq!(of_a.expect("a is found")["snippet"], expected, "in UTF-16 code units");
    assert_eq!(of_a.expect("a is found")["title"], "a");

    assert_eq!(client.ask(actix_web::test::TestRequest::delete().uri("/api/v1/documents/b")).await.0, 204);
    let (_, left) = client.get("/api/v1/documents?query=plan").await;
    assert!(!ids(&left).contains(&"b") && ids(&left).len() == 2, "what is deleted is not shown: {left}");
    for nothing in ["", "%20", "%22", "*"] {
        let (status, none) = client.get(&format!("/api/v1/documents?query={nothing}")).await;
        assert_eq!((status, ids(&none).len(), &none["next_cursor"]), (200, 0, &Value::Null));
    }
}

#[actix_web::test]
async fn what_a_search_may_ask_for_has_bounds() {
    let (_folder, search, _index) = indexed(&[]);
    let client = Client::searching(search);
    let long = "x".repeat(crate::limits::SEARCH_QUERY_CHARACTERS);
    assert_eq!(client.get(&format!("/api/v1/documents?query={long}")).await.0, 200);
    for wrong in [&*format!("query={long}x"), "query=x&limit=0", "query=x&limit=101", "query=x&cursor=-1"] {
        assert_eq!(client.get(&format!("/api/v1/documents?{wrong}")).await.0, 400, "{wrong}");
    }
    assert_eq!(client.get("/api/v1/documents?query=x&limit=100").await.0, 200);
}

#[actix_web::test]
async fn nobody_finds_what_they_may_not_read() {
    let (_folder, search, _index) = indexed(&[(0, "plan", "zanzibar"), (1, "diary", "zanzibar")]);
    let house = House::searching(search);
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    for (who, id) in [(&ann, "plan"), (&ben, "diary")] {
        assert_eq!(house.ask(who, Method::POST, "/documents", json!({"id": id})).await.0, 201);
    }
    assert_eq!(ids(&house.get(&ann, "/documents?query=zanzibar").await.2), ["plan"]);
    let (_, _, found) = house.get(&ben, "/documents?query=zanzibar&limit=1").await;
    assert_eq!(
        (ids(&found), &found["next_cursor"]),
        (vec!["diary"], &Value::Null),
        "nor learns that there is more"
    );
    let viewer = json!({"role": "viewer"});
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/diary/grants/ann", viewer).await.0, 200);
    let (_, _, found) = house.get(&ann, "/documents?query=zanzibar&limit=1").await;
    let cursor = found["next_cursor"].as_str().expect("there is more");
    let path = format!("/documents?query=zanzibar&limit=1&cursor={cursor}");
    let (_, _, rest) = house.get(&ann, &path).await;
    assert_eq!([ids(&found), ids(&rest)].concat(), ["plan", "diary"]);
    assert_eq!(house.get(&super::access::nobody(), "/documents?query=zanzibar").await.0, 401);
}
