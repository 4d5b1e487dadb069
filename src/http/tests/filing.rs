//! What becomes of documents: titles, tags, the trash, duplicates, and the lists that they are found in.

use super::*;

#[actix_web::test]
async fn a_title_can_be_changed() {
    let client = Client::new();
    client.post(json!({"id": "a"})).await;
    let patch =
        |title: &str| TestRequest::patch().uri("/api/v1/documents/a").set_json(json!({"title": title}));
    let (status, entry) = client.ask(patch("Zwölf")).await;
    assert_eq!((status, &entry["title"]), (200, &json!("Zwölf")));
    assert_eq!(client.ask(patch(&"x".repeat(201))).await.0, 422);
}

#[actix_web::test]
async fn a_document_goes_to_the_trash_and_comes_back_or_not() {
    let client = Client::new();
    client.post(json!({"id": "a", "text": "kept"})).await;
    let ask = |method, path: &str| TestRequest::default().method(method).uri(&format!("{DOCUMENTS}/a{path}"));
    let listed = async |query: &str| {
        let (_, page) = client.get(&format!("{DOCUMENTS}{query}")).await;
        page["documents"].as_array().expect("a list").clone()
    };
    assert_eq!(client.ask(ask(Method::DELETE, "")).await.0, 204);
    for path in ["", "/export?format=txt"] {
        let (status, problem) = client.ask(ask(Method::GET, path)).await;
        assert_eq!((status, &problem["type"]), (410, &json!("urn:problem-type:cowrite:trashed")), "{path}");
    }
    assert_eq!(client.ask(ask(Method::PATCH, "").set_json(json!({"title": "x"}))).await.0, 410);
    assert_eq!(client.ask(ask(Method::DELETE, "")).await.0, 410);
    assert_eq!(client.post(json!({"id": "a", "again": true})).await.0, 410);
    assert_eq!(listed("").await.len(), 0);
    let trash = listed("?trash=true").await;
    assert!(trash.len() == 1 && trash[0]["trashed"].is_string(), "{trash:?}");

    let (status, restored) = client.ask(ask(Method::POST, "/restore")).await;
    assert_eq!((status, &restored["trashed"]), (200, &Value::Null));
    assert_eq!((client.text("a").await.as_str(), listed("?trash=true").await.len()), ("kept", 0));
    for path in ["", "?for_good=true"] {
        assert_eq!(client.ask(ask(Method::DELETE, path)).await.0, 204, "from the trash as well");
    }
    assert_eq!(client.ask(ask(Method::POST, "/restore")).await.0, 410);
    assert_eq!(listed("?trash=true").await.len(), 0);
}

#[actix_web::test]
async fn documents_are_filed_under_tags() {
    let client = Client::new();
    client.post(json!({"id": "a", "title": "A"})).await;
    client.post(json!({"id": "b", "title": "B"})).await;
    let patch = |json: Value| TestRequest::patch().uri("/api/v1/documents/a").set_json(json);
    let (status, entry) = client.ask(patch(json!({"tags": [" x y ", "z", "z"]}))).await;
    assert_eq!((status, &entry["tags"], &entry["title"]), (200, &json!(["x y", "z"]), &json!("A")));
    for wrong in [json!({}), json!({"tags": [""]}), json!({"title": "lost", "tags": ["a\nb"]})] {
        assert_eq!(client.ask(patch(wrong)).await.0, 422);
    }
    let (_, page) = client.get(&format!("{DOCUMENTS}?tag=x%20y")).await;
    let titles: Vec<_> = page["documents"].as_array().expect("a list").iter().map(|d| &d["title"]).collect();
    assert_eq!(titles, ["A"]);
}

#[actix_web::test]
async fn a_duplicate_has_the_text_the_kind_and_the_tags() {
    let client = Client::new();
    client.post(json!({"id": "a", "title": "A", "kind": "code", "text": "x = 1 🦊"})).await;
    client.ask(TestRequest::patch().uri("/api/v1/documents/a").set_json(json!({"tags": ["t"]}))).await;
    let duplicate = |json: Value| TestRequest::post().uri("/api/v1/documents/a/duplicate").set_json(json);
    let (status, made) = client.ask(duplicate(json!({"id": "b", "title": "B"}))).await;
    assert_eq!(
        (status, &made["title"], &made["kind"], &made["tags"]),
        (201, &json!("B"), &json!("code"), &json!(["t"]))
    );
    assert_eq!(client.text("b").await, "x = 1 🦊");
    assert_eq!(client.ask(duplicate(json!({"id": "b"}))).await.0, 409);
    let (status, made) = client.ask(duplicate(json!({}))).await;
    assert_eq!((status, &made["title"]), (201, &json!("A")));
}

#[actix_web::test]
async fn each_order_has_cursors_of_its_own() {
    let client = Client::new();
    for (id, title) in [("a", "pear"), ("b", "Äpfel"), ("c", "Apple")] {
        client.post(json!({"id": id, "title": title})).await;
    }
    let mut cursors = Vec::new();
    for (sort, order) in [("updated", "cba"), ("created", "cba"), ("title", "cab")] {
        let (_, first) = client.get(&format!("{DOCUMENTS}?sort={sort}&limit=2")).await;
        let cursor = first["next_cursor"].as_str().expect("there is more").to_owned();
        let (_, second) = client.get(&format!("{DOCUMENTS}?sort={sort}&cursor={cursor}")).await;
        let pages =
            [first, second].map(|page| page["documents"].as_array().expect("a list").clone()).concat();
        let ids: String = pages.iter().map(|document| document["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, order, "{sort}");
        cursors.push((sort, cursor));
    }
    for (sort, _) in &cursors {
        for (_, cursor) in cursors.iter().filter(|(other, _)| other != sort) {
            assert_eq!(client.get(&format!("{DOCUMENTS}?sort={sort}&cursor={cursor}")).await.0, 400);
        }
    }
}

#[actix_web::test]
async fn the_list_has_pages_with_the_last_changed_first() {
    let client = Client::new();
    for id in ["a", "b", "c", "d", "e"] {
        client.post(json!({"id": id})).await;
    }
    client.ask(TestRequest::patch().uri("/api/v1/documents/b").set_json(json!({"title": "x"}))).await;
    let (mut path, mut ids) = (format!("{DOCUMENTS}?limit=2"), Vec::new());
    loop {
        let (status, page) = client.get(&path).await;
        assert_eq!(status, 200);
        let documents = page["documents"].as_array().expect("a list").clone();
        ids.push(documents.iter().map(|d| d["id"].as_str().expect("an id").to_owned()).collect::<String>());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{DOCUMENTS}?limit=2&cursor={cursor}");
    }
    assert_eq!(ids, ["be", "dc", "a"]);
    for wrong in ["limit=0", "limit=1001", "limit=many", "cursor=x", "cursor=1.zz"] {
        assert_eq!(client.get(&format!("{DOCUMENTS}?{wrong}")).await.0, 400, "{wrong}");
    }
}
