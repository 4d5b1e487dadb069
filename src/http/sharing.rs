//! Who else may use a document: its owner, people with a role in it, and links.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Admitted;
use super::base::Base;
use super::error::{Problem, ProblemView};
use super::session::{Given, only_with_accounts};
use super::{Api, accounts, origin};
use crate::access::{AccessError, fresh};
use crate::auth::directory::NewLink;
use crate::auth::record::{self, Link};
use crate::auth::{AccountName, Command, Directory, DisplayName, Refusal, Role, Token};
use crate::ids::{AccountId, DocId, DocNumber, LinkId};
use crate::timestamp::{self, rfc3339};

/// A link that shares a document. Its token is shown once, when it is made.
#[derive(Serialize, ToSchema)]
pub struct LinkView {
    #[schema(value_type = String)]
    id: LinkId,
    #[schema(value_type = RoleName)]
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

/// An account, as people see it who share a document with it.
#[derive(Serialize, ToSchema)]
pub struct Person {
    #[schema(value_type = String)]
    id: AccountId,
    /// To sign in with. Null if the account is gone.
    #[schema(value_type = Option<String>)]
    name: Option<AccountName>,
    #[schema(value_type = Option<String>)]
    display_name: Option<DisplayName>,
}

/// What an account may do with a document of somebody else.
#[derive(Serialize, ToSchema)]
pub struct GrantView {
    account: Person,
    #[schema(value_type = RoleName)]
    role: Role,
    created: String,
}

/// Who else may use a document.
#[derive(Serialize, ToSchema)]
pub struct AccessView {
    /// Null for a document from before there were accounts: it is the administrators'.
    owner: Option<Person>,
    grants: Vec<GrantView>,
    links: Vec<LinkView>,
}

/// A role in a document, weakest first.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it stands for a role in the OpenAPI document")]
pub enum RoleName {
    Viewer,
    Commenter,
    Editor,
    Owner,
}

/// Who else may use a document
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/access", tag = "sharing", params(("id" = String, Path)),
    responses((status = 200, body = AccessView)),
)]
pub async fn show(api: web::Data<Api>, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let document = document(&admitted)?;
    Ok(HttpResponse::Ok().json(api.access.look(|directory| view(directory, document))))
}

fn view(directory: &Directory, document: DocNumber) -> AccessView {
    AccessView {
        owner: directory.owner(document).map(|owner| person(directory, owner)),
        grants: directory.grants(document).map(|grant| grant_view(directory, grant)).collect(),
        links: directory.links(document).map(LinkView::from).collect(),
    }
}

fn grant_view(directory: &Directory, grant: &record::Grant) -> GrantView {
    GrantView {
        account: person(directory, grant.account),
        role: grant.role,
        created: rfc3339(grant.created_ms),
    }
}

fn person(directory: &Directory, id: AccountId) -> Person {
    let (name, display_name) =
        directory.account(id).map(|account| (account.name.clone(), account.display_name.clone())).unzip();
    Person { id, name, display_name }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Anything but owner.
    #[schema(value_type = RoleName)]
    role: Role,
}

/// Give somebody a role in a document, or another one
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/grants/{name}", tag = "sharing",
    params(("id" = String, Path), ("name" = String, Path)), request_body = Grant,
    responses(
        (status = 200, body = GrantView), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
    ),
)]
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
    let granted = api.access.look(|directory| {
        let mut grants = directory.grants(document);
        grants.find(|grant| grant.account == account).map(|grant| grant_view(directory, grant))
    });
    Ok(HttpResponse::Ok().json(granted.ok_or(AccessError::from(Refusal::NoAccount(account)))?))
}

/// Take somebody's role away
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/grants/{name}", tag = "sharing",
    params(("id" = String, Path), ("name" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemView)),
)]
pub async fn ungrant(
    api: web::Data<Api>,
    admitted: Admitted,
    path: web::Path<(DocId, String)>,
) -> Result<HttpResponse, Problem> {
    let (document, account) = (document(&admitted)?, accounts::named(&api, &path.1)?);
    api.access.perform(Command::Ungrant { document, account }).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    /// The name that the new owner signs in with.
    name: String,
}

/// Hand a document on; whoever owned it keeps nothing
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/owner", tag = "sharing", params(("id" = String, Path)),
    request_body = NewOwner,
    responses(
        (status = 200, body = AccessView), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
    ),
)]
pub async fn hand_on(
    api: web::Data<Api>,
    admitted: Admitted,
    new: web::Json<NewOwner>,
) -> Result<HttpResponse, Problem> {
    let (document, owner) = (document(&admitted)?, accounts::named(&api, &new.name)?);
    api.access.perform(Command::Own { document, owner }).await?;
    Ok(HttpResponse::Ok().json(api.access.look(|directory| view(directory, document))))
}

/// A link to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLinkBody {
    /// Anything but owner.
    #[schema(value_type = RoleName)]
    role: Role,
    password: Option<Given>,
    /// RFC 3339.
    expires: Option<String>,
}

/// A new link. Its token is shown this once.
#[derive(Serialize, ToSchema)]
pub struct Shared {
    link: LinkView,
    token: String,
    /// The document's page, with the token behind the `#`.
    url: String,
}

/// Share a document by a link
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/links", tag = "sharing", params(("id" = String, Path)),
    request_body = NewLinkBody,
    responses((status = 201, body = Shared), (status = 409, body = ProblemView)),
)]
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
    Ok(HttpResponse::Created().json(Shared { link: made, token: token.reveal().clone(), url }))
}

/// Take a link back
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/links/{link}", tag = "sharing",
    params(("id" = String, Path), ("link" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemView)),
)]
pub async fn revoke(
    api: web::Data<Api>,
    admitted: Admitted,
    path: web::Path<(DocId, LinkId)>,
) -> Result<HttpResponse, Problem> {
    let document = document(&admitted)?;
    api.access.perform(Command::Revoke { document, link: path.1 }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A link and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    link: Given,
    password: Given,
}

/// A link as it is to be presented from now on.
#[derive(Serialize, ToSchema)]
pub struct UnlockedLink {
    link: String,
}

/// Give a link's password
///
/// Anybody may try, for whoever has a link has nothing else yet.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/unlock", tag = "sharing", params(("id" = String, Path)),
    request_body = Unlock,
    responses(
        (status = 200, body = UnlockedLink), (status = 401, body = ProblemView), (status = 403, body = ProblemView),
        (status = 429, body = ProblemView),
    ),
)]
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
    Ok(HttpResponse::Ok().json(UnlockedLink { link }))
}
