//! Who else may use a document: its owner, people with a role in it, and links.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Admitted;
use super::base::Base;
use super::error::Problem;
use super::session::{Given, only_with_accounts};
use super::{Api, accounts, origin};
use crate::access::{AccessError, fresh};
use crate::auth::directory::NewLink;
use crate::auth::record::Link;
use crate::auth::{Command, Directory, Refusal, Role, Token};
use crate::ids::{AccountId, DocId, DocNumber, LinkId};
use crate::timestamp::{self, rfc3339};

#[derive(Serialize)]
struct LinkView {
    id: LinkId,
    role: Role,
    /// Whether it asks for one.
    password: bool,
    expires: Option<String>,
    created: String,
    revoked: Option<String>,
}

impl From<&Link> for LinkView {
    fn from(link: &Link) -> LinkView {
        LinkView {
            id: link.id,
            role: link.role,
            password: link.password.is_some(),
            expires: link.expires_ms.map(rfc3339),
            created: rfc3339(link.created_ms),
            revoked: link.revoked_ms.map(rfc3339),
        }
    }
}

/// The document that a request was let in for.
fn document(admitted: &Admitted) -> Result<DocNumber, Problem> {
    let number = super::access::number(admitted.entry.as_ref());
    number.ok_or_else(|| Problem::internal("a document is shared that is not there"))
}

/// `GET /documents/{id}/access`
pub async fn show(api: web::Data<Api>, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let document = document(&admitted)?;
    Ok(HttpResponse::Ok().json(api.access.look(|directory| view(directory, document))))
}

fn view(directory: &Directory, document: DocNumber) -> Value {
    let grants: Vec<_> = directory
        .grants(document)
        .map(|grant| {
            let account = person(directory, grant.account);
            json!({"account": account, "role": grant.role, "created": rfc3339(grant.created_ms)})
        })
        .collect();
    let links: Vec<_> = directory.links(document).map(LinkView::from).collect();
    let owner = directory.owner(document).map(|owner| person(directory, owner));
    json!({"owner": owner, "grants": grants, "links": links})
}

/// An account, as people see it who share a document with it.
fn person(directory: &Directory, id: AccountId) -> Value {
    let account = directory.account(id);
    json!({
        "id": id,
        "name": account.map(|account| &account.name),
        "display_name": account.map(|account| &account.display_name),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    role: Role,
}

/// `PUT /documents/{id}/grants/{name}`
pub async fn grant(
    api: web::Data<Api>,
    admitted: Admitted,
    path: web::Path<(DocId, String)>,
    grant: web::Json<Grant>,
) -> Result<HttpResponse, Problem> {
    let (document, account) = (document(&admitted)?, accounts::named(&api, &path.1)?);
    let (by, _) = admitted.account()?;
    let role = grant.role;
    api.access.perform(Command::Grant { document, account, role, by: Some(by) }).await?;
    let account = api.access.look(|directory| person(directory, account));
    Ok(HttpResponse::Ok().json(json!({"account": account, "role": role})))
}

/// `DELETE /documents/{id}/grants/{name}`
pub async fn ungrant(
    api: web::Data<Api>,
    admitted: Admitted,
    path: web::Path<(DocId, String)>,
) -> Result<HttpResponse, Problem> {
    let (document, account) = (document(&admitted)?, accounts::named(&api, &path.1)?);
    api.access.perform(Command::Ungrant { document, account }).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    name: String,
}

/// `PUT /documents/{id}/owner`
pub async fn hand_on(
    api: web::Data<Api>,
    admitted: Admitted,
    new: web::Json<NewOwner>,
) -> Result<HttpResponse, Problem> {
    let (document, owner) = (document(&admitted)?, accounts::named(&api, &new.name)?);
    api.access.perform(Command::Own { document, owner }).await?;
    Ok(HttpResponse::Ok().json(api.access.look(|directory| view(directory, document))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLinkBody {
    role: Role,
    password: Option<Given>,
    /// RFC 3339.
    expires: Option<String>,
}

/// `POST /documents/{id}/links`
pub async fn share(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    new: web::Json<NewLinkBody>,
) -> Result<HttpResponse, Problem> {
    let document = document(&admitted)?;
    let (by, _) = admitted.account()?;
    let NewLinkBody { role, password, expires } = new.into_inner();
    let expires_ms = expires.as_deref().map(timestamp::parse).transpose();
    let expires_ms =
        expires_ms.map_err(|error| Problem::invalid(format!("The expiry cannot be taken: {error}.")))?;
    let password = match password {
        Some(password) => Some(api.access.hash(password.link_password()?).await?),
        None => None,
    };
    let token = fresh::<LinkId>();
    let link = NewLink { id: token.id(), hash: token.hash(), role, password, expires_ms, by: Some(by) };
    api.access.perform(Command::Share { document, link }).await?;
    let made = api.access.look(|directory| directory.link(document, token.id()).map(LinkView::from));
    let made = made.ok_or(AccessError::from(Refusal::NoLink))?;
    let id = &admitted.entry.as_ref().expect("it was just shared").id;
    let token = token.reveal();
    let url = base.address(&format!("/d/{id}#{}", token.reveal()));
    Ok(HttpResponse::Created().json(json!({"link": made, "token": token.reveal(), "url": url})))
}

/// `DELETE /documents/{id}/links/{link}`
pub async fn revoke(
    api: web::Data<Api>,
    admitted: Admitted,
    path: web::Path<(DocId, LinkId)>,
) -> Result<HttpResponse, Problem> {
    let document = document(&admitted)?;
    api.access.perform(Command::Revoke { document, link: path.1 }).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    link: Given,
    password: Given,
}

/// `POST /documents/{id}/unlock`. Anybody may try, for whoever has a link has nothing else yet.
pub async fn unlock(
    request: HttpRequest,
    api: web::Data<Api>,
    id: web::Path<DocId>,
    body: web::Json<Unlock>,
) -> Result<HttpResponse, Problem> {
    only_with_accounts(&api)?;
    let Unlock { link, password } = body.into_inner();
    // What is not there is not told from what does not fit.
    let token = Token::<LinkId>::parse(link.text()).ok_or(AccessError::WrongPassword)?;
    let entry = api.documents.entry(&id).await?;
    let number = super::access::number(entry.as_ref()).unwrap_or(DocNumber(0));
    let address = origin::address(&request);
    let unlocked = api.access.unlock(number, &token, password.password()?, address).await?;
    let link = format!("{}.{}", token.reveal().reveal(), unlocked.reveal().reveal());
    Ok(HttpResponse::Ok().json(json!({"link": link})))
}
