//! Oneself: who one is, signing in and out, and where else one is signed in.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::access::Admitted;
use super::error::{Problem, ProblemView};
use super::{Api, identity, origin};
use crate::access::{AccessError, Caller, Enrolment, now_ms};
use crate::auth::directory::Change;
use crate::auth::{
    AccountName, Command, Denied, Directory, DisplayName, Identity, Mode, Needs, Password, Token,
};
use crate::ids::{AccountId, InvitationId, LoginId};
use crate::timestamp::rfc3339;

/// A secret in a request's body. It has no way back out.
#[derive(ToSchema)]
#[schema(format = Password)]
pub struct Given(String);

/// Where serde's own error would quote what came in place of a text, this one quotes nothing.
impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Given, D::Error> {
        let text = String::deserialize(from).map_err(|_| D::Error::custom("a secret has to be a text"));
        text.map(Given)
    }
}

impl Given {
    pub fn text(&self) -> &str {
        &self.0
    }

    /// A password as it was chosen once.
    pub fn password(self) -> Result<Password, AccessError> {
        Ok(Password::given(self.0)?)
    }

    /// A new password of an account.
    pub fn new_password(self) -> Result<Password, AccessError> {
        Ok(Password::for_account(self.0)?)
    }

    /// A new password of a link.
    pub fn link_password(self) -> Result<Password, AccessError> {
        Ok(Password::for_link(self.0)?)
    }
}

/// Somebody, as they see themselves.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// How the server knows people: open, accounts or jwt.
    mode: &'static str,
    identity: Who,
    may: May,
    /// Whether there is any account yet, where there are to be accounts.
    founded: bool,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Who {
    Guest,
    /// Somebody who is signed in.
    Account {
        #[schema(value_type = String)]
        id: AccountId,
        #[schema(value_type = String)]
        name: Option<AccountName>,
        #[schema(value_type = String)]
        display_name: DisplayName,
        administrator: bool,
    },
    /// Whom another application vouches for.
    Subject {
        subject: String,
        #[schema(value_type = String)]
        display_name: DisplayName,
    },
}

/// What somebody may do that is about no document.
#[derive(Serialize, ToSchema)]
pub struct May {
    create: bool,
    administer: bool,
}

/// Who asks, and what they may do
#[utoipa::path(get, path = "/api/v1/me", tag = "people", responses((status = 200, body = Me)))]
pub async fn me(api: web::Data<Api>, admitted: Admitted) -> HttpResponse {
    HttpResponse::Ok().json(view(&api, &admitted.caller))
}

/// Who somebody is, and what they may do that is about no document.
fn view(api: &Api, caller: &Caller) -> Me {
    let may = |needs| api.access.decide(needs, caller, None).is_ok();
    let identity = match &caller.identity {
        Identity::Guest { .. } => Who::Guest,
        Identity::Account { id, name, .. } => api.access.look(|directory| {
            let account = directory.account(*id);
            Who::Account {
                id: *id,
                name: account.map(|account| account.name.clone()),
                display_name: account.map_or_else(|| name.clone(), |account| account.display_name.clone()),
                administrator: account.is_some_and(|account| account.administrator),
            }
        }),
        Identity::Subject(claims) => {
            Who::Subject { subject: claims.subject.clone(), display_name: claims.name.clone() }
        }
    };
    Me {
        mode: api.access.mode().as_str(),
        identity,
        may: May { create: may(Needs::Create), administer: may(Needs::Administration) },
        founded: api.access.mode() != Mode::Accounts || !api.access.look(Directory::is_empty),
    }
}

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: Given,
}

/// Sign in; the answer sets a cookie
#[utoipa::path(
    post, path = "/api/v1/session", tag = "people", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, body = ProblemView), (status = 429, body = ProblemView)),
)]
pub async fn sign_in(
    request: HttpRequest,
    api: web::Data<Api>,
    body: web::Json<SignIn>,
) -> Result<HttpResponse, Problem> {
    let SignIn { name, password } = body.into_inner();
    only_with_accounts(&api)?;
    // What cannot be anybody's name is nobody's: the answer is the same.
    let name = AccountName::parse(&name).map_err(|_| AccessError::WrongPassword)?;
    let token = api.access.sign_in(&name, password.password()?, origin::address(&request)).await?;
    Ok(welcome(&request, &api, HttpResponse::Ok(), &token))
}

/// The answer to whoever is signed in now.
fn welcome(
    request: &HttpRequest,
    api: &Api,
    mut response: actix_web::HttpResponseBuilder,
    token: &Token<LoginId>,
) -> HttpResponse {
    let mut credentials = crate::access::Credentials::default();
    credentials.add(crate::access::Bearing::Login(token.clone()));
    let caller = api.access.identify(&credentials, identity::guest(None));
    response.cookie(identity::signed_in(request, token)).json(view(api, &caller))
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", tag = "people", responses((status = 204)))]
pub async fn sign_out(
    request: HttpRequest,
    api: web::Data<Api>,
    admitted: Admitted,
) -> Result<HttpResponse, Problem> {
    let (_, login) = admitted.account()?;
    api.access.perform(Command::SignOut(login)).await?;
    Ok(HttpResponse::NoContent().cookie(identity::signed_out(&request)).finish())
}

/// One signing in.
#[derive(Serialize, ToSchema)]
pub struct LoginView {
    #[schema(value_type = String)]
    id: LoginId,
    created: String,
    seen: String,
    expires: String,
    /// Whether it is the one that asks.
    current: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Logins {
    /// The last used first.
    sessions: Vec<LoginView>,
}

/// Where one is signed in
#[utoipa::path(get, path = "/api/v1/sessions", tag = "people", responses((status = 200, body = Logins)))]
pub async fn sessions(api: web::Data<Api>, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let (account, current) = admitted.account()?;
    let mut logins: Vec<_> =
        api.access.look(|directory| directory.logins(account, now_ms()).cloned().collect());
    logins.sort_by_key(|login| std::cmp::Reverse(login.seen_ms));
    let logins: Vec<_> = logins
        .into_iter()
        .map(|login| LoginView {
            id: login.id,
            created: rfc3339(login.created_ms),
            seen: rfc3339(login.seen_ms),
            expires: rfc3339(login.expires_ms),
            current: login.id == current,
        })
        .collect();
    Ok(HttpResponse::Ok().json(Logins { sessions: logins }))
}

/// End one signing in
#[utoipa::path(
    delete, path = "/api/v1/sessions/{session}", tag = "people", params(("session" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemView)),
)]
pub async fn end_session(
    api: web::Data<Api>,
    admitted: Admitted,
    session: web::Path<LoginId>,
) -> Result<HttpResponse, Problem> {
    let (account, _) = admitted.account()?;
    let now = now_ms();
    let is_mine =
        api.access.look(|directory| directory.logins(account, now).any(|login| login.id == *session));
    if !is_mine {
        return Err(Problem::not_found("You are not signed in under this id; it may have ended."));
    }
    api.access.perform(Command::SignOut(*session)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out everywhere else
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "people", responses((status = 204)))]
pub async fn end_other_sessions(api: web::Data<Api>, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let (account, current) = admitted.account()?;
    api.access.perform(Command::SignOutElsewhere { account, except: Some(current) }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What changes; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    display_name: Option<String>,
    password: Option<ChangePassword>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    old: Given,
    new: Given,
}

/// Change one's name or password
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "people", request_body = ChangeMe,
    responses((status = 200, body = Me), (status = 429, body = ProblemView)),
)]
pub async fn change_me(
    request: HttpRequest,
    api: web::Data<Api>,
    admitted: Admitted,
    change: web::Json<ChangeMe>,
) -> Result<HttpResponse, Problem> {
    let (account, login) = admitted.account()?;
    let ChangeMe { display_name, password } = change.into_inner();
    let display_name = display_name.map(|name| DisplayName::parse(&name)).transpose()?;
    if let Some(ChangePassword { old, new }) = password {
        let (old, new) = (old.password()?, new.new_password()?);
        api.access.change_password(account, login, old, new, origin::address(&request)).await?;
    }
    if let Some(name) = display_name {
        api.access.perform(Command::Change { account, change: Change::DisplayName(name) }).await?;
    }
    let caller = identity::caller(&request, &api.access);
    Ok(HttpResponse::Ok().json(view(&api, &caller)))
}

/// Somebody who makes an account, with what entitles them to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    token: Given,
    name: String,
    display_name: String,
    password: Given,
}

impl Join {
    fn take(self) -> Result<(Given, Enrolment), Problem> {
        let Join { token, name, display_name, password } = self;
        let name = AccountName::parse(&name)?;
        let display_name = DisplayName::parse(&display_name)?;
        Ok((token, Enrolment { name, display_name, password: password.new_password()? }))
    }
}

/// Make the first account, with the code that the server printed
#[utoipa::path(
    post, path = "/api/v1/setup", tag = "people", request_body = Join,
    responses((status = 201, body = Me), (status = 403, body = ProblemView), (status = 409, body = ProblemView)),
)]
pub async fn setup(
    request: HttpRequest,
    api: web::Data<Api>,
    body: web::Json<Join>,
) -> Result<HttpResponse, Problem> {
    only_with_accounts(&api)?;
    let (code, who) = body.into_inner().take()?;
    let account = api.access.found(code.text(), who).await?;
    joined(&request, &api, account).await
}

/// Make the account that an invitation is for
#[utoipa::path(
    post, path = "/api/v1/invitations/accept", tag = "people", request_body = Join,
    responses(
        (status = 201, body = Me), (status = 401, body = ProblemView), (status = 403, body = ProblemView),
        (status = 404, body = ProblemView), (status = 409, body = ProblemView),
    ),
)]
pub async fn accept(
    request: HttpRequest,
    api: web::Data<Api>,
    body: web::Json<Join>,
) -> Result<HttpResponse, Problem> {
    only_with_accounts(&api)?;
    let (token, who) = body.into_inner().take()?;
    let token = Token::<InvitationId>::parse(token.text()).ok_or(crate::auth::Refusal::NoInvitation);
    let account = api.access.accept(token.map_err(AccessError::from)?, who).await?;
    joined(&request, &api, account).await
}

async fn joined(request: &HttpRequest, api: &Api, account: AccountId) -> Result<HttpResponse, Problem> {
    let token = api.access.log_in(account).await?;
    Ok(welcome(request, api, HttpResponse::Created(), &token))
}

/// Where there are no accounts, nobody signs in.
pub fn only_with_accounts(api: &Api) -> Result<(), Problem> {
    match api.access.mode() {
        Mode::Accounts => Ok(()),
        Mode::Open | Mode::Jwt => Err(Denied::Forbidden.into()),
    }
}
