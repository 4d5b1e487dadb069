//! The routes as people with accounts see them.

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use serde_json::{Value, json};

use super::memory::Memory;
use super::*;
use crate::auth::Mode;
use crate::store::MemoryStore;

const PASSWORD: &str = "correct horse battery";

/// A service with accounts.
pub struct House {
    pub api: web::Data<Api>,
}

/// Somebody's browser: it keeps the cookie.
#[derive(Default, Clone)]
pub struct Browser {
    pub cookie: Option<String>,
    link: Option<String>,
}

impl House {
    pub fn new() -> House {
        let access = Access::load(Mode::Accounts, Arc::new(MemoryStore::new())).expect("an empty store");
        House {
            api: web::Data::new(Api {
                documents: Arc::new(Memory::default()),
                access,
                search: None,
                upload_bytes: 1000,
                image_bytes: 1000,
                uploads: Uploads::default(),
                texts: Texts::default(),
                streams: Streams::default(),
            }),
        }
    }

    pub fn searching(search: Search) -> House {
        let House { api } = House::new();
        let mut api = Arc::into_inner(api.into_inner()).expect("nobody else has it");
        api.search = Some(search);
        House { api: web::Data::new(api) }
    }

    async fn send(&self, who: &Browser, method: Method, path: &str, body: Value) -> ServiceResponse {
        let service = init_service(App::new().configure(routes(self.api.clone()))).await;
        let mut request = TestRequest::default().method(method).uri(path);
        if let Some(cookie) = &who.cookie {
            request = request.insert_header(("cookie", format!("other=1; {cookie}")));
        }
        if let Some(link) = &who.link {
            request = request.insert_header(("cowrite-link", link.as_str()));
        }
        if !body.is_null() {
            request = request.set_json(body);
        }
        call_service(&service, request.to_request()).await
    }

    /// Status, kind of problem or "", and JSON.
    pub async fn ask(&self, who: &Browser, method: Method, path: &str, body: Value) -> (u16, String, Value) {
        let path = format!("/api/v1{path}");
        let response = self.send(who, method, &path, body).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body()).await.expect("a body");
        let json: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let kind = json["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or("").to_owned();
        (status, kind, json)
    }

    pub async fn get(&self, who: &Browser, path: &str) -> (u16, String, Value) {
        self.ask(who, Method::GET, path, Value::Null).await
    }

    /// A browser that is signed in by an answer.
    async fn welcomed(&self, path: &str, body: Value) -> Browser {
        let response = self.send(&Browser::default(), Method::POST, path, body).await;
        assert!(response.status().is_success(), "{}", response.status());
        let cookie = header(&response, "set-cookie").to_owned();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        Browser { cookie: Some(cookie.to_owned()), link: None }
    }

    pub async fn founded(&self) -> Browser {
        let code = self.api.access.take_setup_code().expect("nobody is there yet");
        let body =
            json!({"token": code.reveal(), "name": "ann", "display_name": "Ann", "password": PASSWORD});
        self.welcomed("/api/v1/setup", body).await
    }

    pub async fn invited(&self, by: &Browser, name: &str) -> Browser {
        let (status, _, made) = self.ask(by, Method::POST, "/invitations", json!({})).await;
        assert_eq!(status, 201, "{made}");
        let body = json!({"token": made["token"], "name": name, "display_name": name, "password": PASSWORD});
        self.welcomed("/api/v1/invitations/accept", body).await
    }
}

pub fn nobody() -> Browser {
    Browser::default()
}

#[actix_web::test]
async fn people_come_by_invitation_and_sign_in_and_out() {
    let house = House::new();
    let (status, _, me) = house.get(&nobody(), "/me").await;
    assert_eq!((status, &me["founded"], &me["may"]["create"]), (200, &json!(false), &json!(false)));
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    let (_, _, me) = house.get(&ben, "/me").await;
    assert_eq!((&me["identity"]["name"], &me["may"]["administer"]), (&json!("ben"), &json!(false)));
    assert_eq!(house.get(&ben, "/accounts").await.0, 403);
    assert_eq!(house.get(&ann, "/accounts").await.2["accounts"].as_array().map(Vec::len), Some(2));

    let again = house.welcomed("/api/v1/session", json!({"name": "Ben ", "password": PASSWORD})).await;
    assert_eq!(house.get(&again, "/sessions").await.2["sessions"].as_array().map(Vec::len), Some(2));
    let (status, kind, _) = house
        .ask(&nobody(), Method::POST, "/session", json!({"name": "ben", "password": "incorrect horse"}))
        .await;
    assert_eq!((status, &*kind), (401, "wrong-password"));
    assert_eq!(house.ask(&again, Method::DELETE, "/session", Value::Null).await.0, 204);
    let (status, kind, _) = house.get(&again, "/sessions").await;
    assert_eq!((status, &*kind), (401, "unauthenticated"));
    assert_eq!(house.get(&ben, "/sessions").await.0, 200, "the other one is signed in still");
}

#[actix_web::test]
async fn an_invitation_is_good_for_one_person_once() {
    let house = House::new();
    let ann = house.founded().await;
    let (_, _, made) = house.ask(&ann, Method::POST, "/invitations", json!({})).await;
    let join = |name: &str, token: &Value| json!({"token": token, "name": name, "display_name": name, "password": PASSWORD});
    let accept = |body| house.ask(&ann, Method::POST, "/invitations/accept", body);
    assert_eq!(accept(join("ben", &made["token"])).await.0, 201);
    assert_eq!(accept(join("eve", &made["token"])).await.0, 404);
    let (_, _, made) = house.ask(&ann, Method::POST, "/invitations", json!({})).await;
    assert_eq!(
        accept(join("ben", &made["token"])).await.0,
        409,
        "the name is taken, and the invitation is not used up"
    );
    let path = format!("/invitations/{}", made["id"].as_str().expect("an id"));
    assert_eq!(house.ask(&ann, Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(accept(join("cat", &made["token"])).await.0, 404);
}

#[actix_web::test]
async fn who_may_do_nothing_does_not_learn_whether_there_is_anything() {
    let house = House::new();
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    assert_eq!(house.ask(&ann, Method::POST, "/documents", json!({"id": "plan", "text": "x"})).await.0, 201);
    for who in [&nobody(), &ben] {
        for path in ["/documents/plan", "/documents/plan/export?format=txt", "/documents/plan/access"] {
            let there = house.get(who, path).await;
            let nowhere = house.get(who, &path.replace("plan", "nowhere")).await;
            assert_eq!(there, nowhere, "{path}");
            assert_eq!(there.0, if who.cookie.is_some() { 403 } else { 401 });
        }
    }
    assert_eq!(house.get(&ann, "/documents/plan").await.0, 200);
}

#[actix_web::test]
async fn a_link_opens_its_document_until_it_is_taken_back() {
    let house = House::new();
    let ann = house.founded().await;
    for id in ["plan", "diary"] {
        assert_eq!(house.ask(&ann, Method::POST, "/documents", json!({"id": id, "text": "x"})).await.0, 201);
    }
    let body = json!({"role": "viewer", "password": "tulip"});
    let (status, _, made) = house.ask(&ann, Method::POST, "/documents/plan/links", body).await;
    assert_eq!((status, &made["link"]["password"]), (201, &json!(true)));
    let mut guest = Browser { link: made["token"].as_str().map(str::to_owned), ..nobody() };
    let (status, kind, _) = house.get(&guest, "/documents/plan").await;
    assert_eq!((status, &*kind), (401, "locked"));
    let unlock = |password: &str| json!({"link": made["token"], "password": password});
    let (status, kind, _) = house.ask(&guest, Method::POST, "/documents/plan/unlock", unlock("rose")).await;
    assert_eq!((status, &*kind), (401, "wrong-password"));
    let (status, _, open) = house.ask(&guest, Method::POST, "/documents/plan/unlock", unlock("tulip")).await;
    assert_eq!(status, 200);
    guest.link = open["link"].as_str().map(str::to_owned);
    assert_eq!(house.get(&guest, "/documents/plan").await.0, 200);
    assert_eq!(house.get(&guest, "/documents/diary").await.0, 401, "it is a link to one document");
    let (status, kind, _) =
        house.ask(&guest, Method::PATCH, "/documents/plan", json!({"title": "Mine"})).await;
    assert_eq!((status, &*kind), (403, "forbidden"));

    let path = format!("/documents/plan/links/{}", made["link"]["id"].as_str().expect("an id"));
    assert_eq!(house.ask(&ann, Method::DELETE, &path, Value::Null).await.0, 204);
    let (status, kind, _) = house.get(&guest, "/documents/plan").await;
    assert_eq!((status, &*kind), (403, "revoked"));
    let (_, _, shown) = house.get(&ann, "/documents/plan/access").await;
    assert!(!shown["links"][0]["revoked"].is_null(), "{shown}");
    assert!(!shown.to_string().contains(made["token"].as_str().expect("a token")));
}

#[actix_web::test]
async fn an_owner_lets_others_in_and_hands_the_document_on() {
    let house = House::new();
    let ann = house.founded().await;
    let ben = house.invited(&ann, "ben").await;
    assert_eq!(house.ask(&ben, Method::POST, "/documents", json!({"id": "plan", "text": "x"})).await.0, 201);
    assert_eq!(house.get(&ann, "/documents/plan").await.0, 403, "an administrator reads nobody's documents");
    let grant = |role: &str| json!({"role": role});
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/plan/grants/ann", grant("viewer")).await.0, 200);
    assert_eq!(house.get(&ann, "/documents/plan").await.0, 200);
    assert_eq!(house.ask(&ann, Method::PATCH, "/documents/plan", json!({"title": "T"})).await.0, 403);
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/plan/grants/ann", grant("editor")).await.0, 200);
    assert_eq!(house.ask(&ann, Method::PATCH, "/documents/plan", json!({"title": "T"})).await.0, 200);
    assert_eq!(house.ask(&ann, Method::PUT, "/documents/plan/grants/ben", grant("owner")).await.0, 403);
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/plan/grants/ann", grant("owner")).await.0, 422);
    assert_eq!(house.ask(&ben, Method::PUT, "/documents/plan/owner", json!({"name": "ann"})).await.0, 200);
    assert_eq!(house.get(&ben, "/documents/plan").await.0, 403, "who hands a document on keeps nothing");
    assert_eq!(house.ask(&ann, Method::DELETE, "/documents/plan", Value::Null).await.0, 204);
}
