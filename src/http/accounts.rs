//! People, for administrators: accounts, and invitations to make one.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::access::Admitted;
use super::base::Base;
use super::error::{Problem, ProblemView};
use super::session::Given;
use crate::access::{AccessError, fresh, now_ms};
use crate::auth::directory::{Change, NewInvitation};
use crate::auth::record::{Account, Invitation};
use crate::auth::{AccountName, Command, DisplayName, Refusal};
use crate::ids::{AccountId, InvitationId};
use crate::timestamp::rfc3339;

/// An account as administrators see it.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    #[schema(value_type = String)]
    id: AccountId,
    /// To sign in with.
    #[schema(value_type = String)]
    name: AccountName,
    #[schema(value_type = String)]
    display_name: DisplayName,
    administrator: bool,
    disabled: bool,
    created: String,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> AccountView {
        AccountView {
            id: account.id,
            name: account.name.clone(),
            display_name: account.display_name.clone(),
            administrator: account.administrator,
            disabled: account.disabled,
            created: rfc3339(account.created_ms),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Accounts {
    accounts: Vec<AccountView>,
}

/// Everybody who has an account
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", responses((status = 200, body = Accounts)))]
pub async fn list(api: web::Data<Api>) -> HttpResponse {
    let mut accounts: Vec<AccountView> =
        api.access.look(|directory| directory.accounts().map(AccountView::from).collect());
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    HttpResponse::Ok().json(Accounts { accounts })
}

/// An account without an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    name: String,
    display_name: String,
    password: Option<Given>,
    #[serde(default)]
    administrator: bool,
}

/// Make an account
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "accounts", request_body = NewAccount,
    responses((status = 201, body = AccountView), (status = 409, body = ProblemView)),
)]
pub async fn create(
    api: web::Data<Api>,
    admitted: Admitted,
    new: web::Json<NewAccount>,
) -> Result<HttpResponse, Problem> {
    let (by, _) = admitted.account()?;
    let NewAccount { name, display_name, password, administrator } = new.into_inner();
    let (name, display_name) = (AccountName::parse(&name)?, DisplayName::parse(&display_name)?);
    let password = password.map(Given::new_password).transpose()?;
    let id = api.access.enrol(name, display_name, password, administrator, Some(by)).await?;
    Ok(HttpResponse::Created().json(view(&api, id)?))
}

/// What changes; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    display_name: Option<String>,
    password: Option<Given>,
    administrator: Option<bool>,
    disabled: Option<bool>,
}

/// Change an account
#[utoipa::path(
    patch, path = "/api/v1/accounts/{account}", tag = "accounts", params(("account" = String, Path)),
    request_body = ChangeAccount,
    responses(
        (status = 200, body = AccountView), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
    ),
)]
pub async fn change(
    api: web::Data<Api>,
    account: web::Path<AccountId>,
    change: web::Json<ChangeAccount>,
) -> Result<HttpResponse, Problem> {
    let ChangeAccount { display_name, password, administrator, disabled } = change.into_inner();
    let mut changes = Vec::new();
    if let Some(name) = display_name {
        changes.push(Change::DisplayName(DisplayName::parse(&name)?));
    }
    if let Some(password) = password {
        changes.push(Change::Password { hash: api.access.hash(password.new_password()?).await?, keep: None });
    }
    changes.extend(administrator.map(Change::Administrator));
    changes.extend(disabled.map(Change::Disabled));
    for change in changes {
        api.access.perform(Command::Change { account: *account, change }).await?;
    }
    Ok(HttpResponse::Ok().json(view(&api, *account)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Heir {
    /// The name of whoever gets the account's documents.
    heir: Option<String>,
}

/// Remove an account for good
#[utoipa::path(
    delete, path = "/api/v1/accounts/{account}", tag = "accounts", params(("account" = String, Path), Heir),
    responses(
        (status = 204), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
        (status = 422, body = ProblemView),
    ),
)]
pub async fn remove(
    api: web::Data<Api>,
    account: web::Path<AccountId>,
    query: web::Query<Heir>,
) -> Result<HttpResponse, Problem> {
    let heir = query.heir.as_deref().map(|name| named(&api, name)).transpose()?;
    api.access.perform(Command::Remove { account: *account, heir }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account that goes by a name.
pub fn named(api: &Api, name: &str) -> Result<AccountId, Problem> {
    let name = AccountName::parse(name)?;
    let found = api.access.look(|directory| directory.account_named(&name).map(|account| account.id));
    found.ok_or_else(|| Problem::not_found(format!("Nobody has the name {name} here.")))
}

fn view(api: &Api, id: AccountId) -> Result<AccountView, Problem> {
    let view = api.access.look(|directory| directory.account(id).map(AccountView::from));
    view.ok_or_else(|| AccessError::from(Refusal::NoAccount(id)).into())
}

/// An invitation that nobody has accepted yet.
#[derive(Serialize, ToSchema)]
pub struct InvitationView {
    #[schema(value_type = String)]
    id: InvitationId,
    created: String,
    expires: String,
}

impl From<&Invitation> for InvitationView {
    fn from(invitation: &Invitation) -> InvitationView {
        InvitationView {
            id: invitation.id,
            created: rfc3339(invitation.created_ms),
            expires: rfc3339(invitation.expires_ms),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Invitations {
    invitations: Vec<InvitationView>,
}

/// A new invitation. Its token is shown this once.
#[derive(Serialize, ToSchema)]
pub struct Invited {
    #[serde(flatten)]
    invitation: InvitationView,
    token: String,
    /// The page that it is accepted on.
    url: String,
}

/// Invitations that nobody has accepted yet
#[utoipa::path(get, path = "/api/v1/invitations", tag = "accounts", responses((status = 200, body = Invitations)))]
pub async fn invitations(api: web::Data<Api>) -> HttpResponse {
    let now = now_ms();
    let open: Vec<InvitationView> =
        api.access.look(|directory| directory.invitations(now).map(InvitationView::from).collect());
    HttpResponse::Ok().json(Invitations { invitations: open })
}

/// Invite somebody to make an account
#[utoipa::path(
    post, path = "/api/v1/invitations", tag = "accounts",
    responses((status = 201, body = Invited), (status = 409, body = ProblemView)),
)]
pub async fn invite(api: web::Data<Api>, base: Base, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let (by, _) = admitted.account()?;
    let token = fresh::<InvitationId>();
    let invitation = NewInvitation { id: token.id(), hash: token.hash(), by: Some(by) };
    api.access.perform(Command::Invite(invitation)).await?;
    let now = now_ms();
    let made = api.access.look(|directory| directory.invitation(&token, now).map(InvitationView::from));
    let made = made.map_err(AccessError::from)?;
    let token = token.reveal();
    let url = base.address(&format!("/join#{}", token.reveal()));
    let invited = Invited { invitation: made, token: token.reveal().clone(), url };
    Ok(HttpResponse::Created().json(invited))
}

/// Take an invitation back
#[utoipa::path(
    delete, path = "/api/v1/invitations/{invitation}", tag = "accounts", params(("invitation" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemView)),
)]
pub async fn uninvite(
    api: web::Data<Api>,
    invitation: web::Path<InvitationId>,
) -> Result<HttpResponse, Problem> {
    api.access.perform(Command::Uninvite(*invitation)).await?;
    Ok(HttpResponse::NoContent().finish())
}
