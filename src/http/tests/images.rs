//! What stands between a request and the images of a document.

use super::*;
use crate::ids::{DocId, DocNumber, ImageFormat, ImageName};
use crate::limits;

const RED: &[u8] = include_bytes!("../../../tests/fixtures/images/red.png");

impl Client {
    async fn add(&self, id: &str, image: &[u8]) -> (u16, Value) {
        let path = format!("{DOCUMENTS}/{id}/images");
        self.ask(TestRequest::post().uri(&path).set_payload(image.to_vec())).await
    }

    /// The status of what is refused for now.
    async fn refused(&self, id: &str) -> (u16, String) {
        let path = format!("{DOCUMENTS}/{id}/images");
        let response = self.send(TestRequest::post().uri(&path).set_payload(RED)).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }

    async fn number(&self, id: &str) -> DocNumber {
        let id = DocId::parse(id).expect("an id");
        self.api.documents.find(&id).await.expect("it is there").number
    }
}

#[actix_web::test]
async fn a_document_without_room_says_what_is_kept() {
    let client = Client::new();
    client.post(json!({"id": "plan"})).await;
    let (images, number) = (client.api.documents.images(), client.number("plan").await);
    for n in 0..limits::IMAGES {
        let bytes = n.to_string();
        let name = ImageName::of(bytes.as_bytes(), ImageFormat::Gif);
        images.keep(number, name, bytes.as_bytes()).expect("there is room");
    }
    let (status, problem) = client.add("plan", RED).await;
    assert_eq!((status, problem["type"].as_str()), (413, Some("urn:problem-type:cowrite:full")));
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains("1000 images") && detail.contains("256MiB"), "{detail}");
    assert!(detail.contains("those before are") && detail.contains("another document"), "{detail}");
    assert_eq!(client.post(json!({"id": "other"})).await.0, 201);
    assert_eq!(client.add("other", RED).await.0, 201);
}

#[actix_web::test]
async fn an_image_is_refused_like_any_other_change() {
    let client = Client::new();
    client.post(json!({"id": "plan"})).await;
    assert_eq!(client.add("plan", &[RED, &[0; 1000]].concat()).await.0, 413);
    client.memory.lock().health = Health::ReadOnly("the disk is full".into());
    let (status, problem) = client.refused("plan").await;
    assert!(status == 503 && problem.contains(":read-only"), "{problem}");
    client.memory.lock().health = Health::Writable;
    let places: Vec<_> = (0..limits::IMAGE_UPLOADS).map(|_| client.api.uploads.take()).collect();
    assert!(places.iter().all(Option::is_some));
    let (status, problem) = client.refused("plan").await;
    assert!(status == 503 && problem.contains(":overloaded"), "{problem}");
    drop(places);
    let (status, made) = client.add("plan", RED).await;
    assert_eq!(status, 201);
    let path = format!("{DOCUMENTS}/plan/{}", made["address"].as_str().expect("an address"));
    let response = client.send(TestRequest::get().uri(&path)).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, "image/png"));
    assert_eq!(client.ask(TestRequest::put().uri(&path)).await.0, 405);
}
