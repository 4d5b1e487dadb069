//! Cowrite inside an application with a page and people of its own: `cargo run --example embed`, then open http://127.0.0.1:8080.

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use cowrite::Cowrite;
use cowrite::auth::Role;
use cowrite::config::Config;
use cowrite::embed::{Asked, Authorizer, Changed, FirstText, Grant, Hooks, Refusal};
use cowrite::ids::{DocId, Kind};
use futures_util::future::{BoxFuture, LocalBoxFuture};

/// The application knows its people by a cookie: `user=ann`. A real one looks into its sessions here.
pub struct People;

impl Authorizer for People {
    fn authorize<'a>(&'a self, asked: Asked<'a>) -> LocalBoxFuture<'a, Result<Grant, Refusal>> {
        let cookie = asked.request.headers().get("cookie").and_then(|value| value.to_str().ok());
        let answer = match cookie.and_then(|cookie| cookie.strip_prefix("user=")) {
            None => Err(Refusal::Unauthenticated),
            Some("guest") => Ok(Grant::new("guest", "A guest", Role::Viewer)),
            Some(user) => Ok(Grant::new(user, user, Role::Editor)),
        };
        Box::pin(async move { answer })
    }
}

/// What becomes of the notes outside of Cowrite; here they are only told about.
pub struct Notes;

impl Hooks for Notes {
    fn on_load<'a>(&'a self, document: &'a DocId) -> BoxFuture<'a, Option<FirstText>> {
        let text = format!("# Notes on {document}\n");
        Box::pin(async { Some(FirstText { kind: Kind::Markdown, title: "Notes".to_owned(), text }) })
    }

    fn on_change<'a>(&'a self, changed: Changed) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let text = changed.text().await.unwrap_or_default();
            println!("{} has {} letters now", changed.document, text.chars().count());
        })
    }
}

pub fn start(cowrite: Cowrite, listen: &str) -> std::io::Result<(std::net::SocketAddr, Server)> {
    let app = move || {
        App::new()
            .route(
                "/",
                web::to(|| async { "Notes are at /notes/d/any-name, for those with a cookie user=name\n" }),
            )
            .service(cowrite.scope("/notes"))
    };
    let server = HttpServer::new(app).shutdown_timeout(1).workers(1).bind(listen)?;
    Ok((server.addrs()[0], server.run()))
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let cowrite = Cowrite::builder(&Config::default()).authorizer(People).hooks(Notes).open()?;
    start(cowrite.clone(), "127.0.0.1:8080")?.1.await?;
    cowrite.close().await
}
