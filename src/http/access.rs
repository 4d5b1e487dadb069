//! What stands before every route: who asks, what the route needs, and whether that is granted. [`crate::auth::decide`] says so.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use futures_util::future::{Ready, ready};

use super::error::Problem;
use super::{Api, host, identity};
use crate::access::Caller;
use crate::auth::{Denied, Granted, Identity, Mode, Needs, Target, needs};
use crate::ids::{AccountId, DocId, DocNumber, LoginId};
use crate::store::Entry;

/// Who asks, and what they were granted, for the handler that is asked.
#[derive(Debug, Clone)]
pub struct Admitted {
    pub caller: Caller,
    pub granted: Granted,
    /// The document that it is about, as it was when this was decided. `None` in mode `open`, where nobody has to look.
    pub entry: Option<Entry>,
}

impl Admitted {
    /// The account that asks. Routes for people who signed in are asked by nobody else.
    pub fn account(&self) -> Result<(AccountId, LoginId), Problem> {
        match &self.caller.identity {
            Identity::Account { id, login, .. } => Ok((*id, *login)),
            Identity::Guest { .. } | Identity::Subject(_) => Err(Denied::Unauthenticated.into()),
        }
    }
}

impl FromRequest for Admitted {
    type Error = Problem;
    type Future = Ready<Result<Admitted, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Admitted>().cloned();
        ready(admitted.ok_or_else(|| Problem::internal("a route was asked that nobody guards")))
    }
}

/// Pass a request on to `path`, as it stands in [`needs::ROUTES`], if whoever sends it may do what that needs. Methods that are not
/// among `allow` pass too: they end at the answer that says so.
pub async fn check(
    path: &'static str,
    allow: &'static str,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_known = allow.split(", ").any(|method| method == request.method().as_str());
    if is_known {
        match admit(path, request.request()).await {
            Ok(admitted) => drop(request.extensions_mut().insert(admitted)),
            Err(problem) => return Ok(request.into_response(problem.error_response())),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn admit(path: &str, request: &HttpRequest) -> Result<Admitted, Problem> {
    let api = request.app_data::<web::Data<Api>>().expect("the routes carry the API");
    let needs = needs::of_route(request.method().as_str(), path).ok_or(Denied::Forbidden)?;
    let id = match request.match_info().get("id") {
        Some(id) if needs != Needs::Nothing => Some(DocId::parse(id)?),
        _ => None,
    };
    let caller = caller(request, api, needs, id.as_ref()).await?;
    if let Some(id) = &id
        && needs == Needs::Read
        && let Some(hooks) = host::hooks(request)
        && api.access.decide(needs, &caller, Some(Target { id, number: None })).is_ok()
    {
        host::load(hooks, api, id).await?;
    }
    let entry = match &id {
        Some(id) if api.access.mode() != Mode::Open => api.documents.entry(id).await?,
        _ => None,
    };
    let target = id.as_ref().map(|id| Target { id, number: number(entry.as_ref()) });
    let granted = api.access.decide(needs, &caller, target)?;
    Ok(Admitted { caller, granted, entry })
}

/// Who asks for something.
pub async fn caller(
    request: &HttpRequest,
    api: &Api,
    needs: Needs,
    id: Option<&DocId>,
) -> Result<Caller, Denied> {
    match host::vouched(request, needs, id).await {
        Some(vouched) => vouched,
        None => Ok(identity::caller(request, &api.access)),
    }
}

/// What a document goes by in the directory, while there is one.
pub fn number(entry: Option<&Entry>) -> Option<DocNumber> {
    entry.filter(|entry| entry.deleted_ms.is_none()).map(|entry| entry.number)
}
