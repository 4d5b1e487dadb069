//! Under which path the service is: `/notes` in `/notes/d/plan`, nothing where it has an address of its own. It follows from each request,
//! so the service can stand in any scope of any application.

use std::convert::Infallible;
use std::fmt::Write;
use std::future::{Ready, ready};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

/// That path, without a slash at its end. Its letters need no escaping in HTML or in a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base(String);

impl Base {
    /// What the routes do not look at any more. To be asked before the first of them looks.
    pub fn of(request: &ServiceRequest) -> Base {
        let path = request.match_info();
        let before = path.as_str().len() - path.unprocessed().len();
        Base::escaped(&path.as_str()[..before])
    }

    /// Where a request reached the service.
    pub fn at(request: &HttpRequest) -> Base {
        request.extensions().get::<Base>().cloned().unwrap_or_default()
    }

    /// It may be somebody's own words, in the scope of another application.
    fn escaped(path: &str) -> Base {
        let mut escaped = String::new();
        for byte in path.trim_end_matches('/').bytes() {
            match byte {
                b'/' | b'%' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
                byte if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
                byte => write!(escaped, "%{byte:02X}").expect("a string takes everything"),
            }
        }
        Base(escaped)
    }

    /// The address of something of the service: `/d/plan` becomes `/notes/d/plan`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Where a cookie of the service's belongs.
    pub fn cookie_path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }
}

impl FromRequest for Base {
    type Error = Infallible;
    type Future = Ready<Result<Base, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Base::at(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_plain_whatever_it_is_made_of() {
        for (path, base) in
            [("", ""), ("/", ""), ("/notes", "/notes"), ("/a b/\"><\n", "/a%20b/%22%3E%3C%0A")]
        {
            assert_eq!(Base::escaped(path), Base(base.to_owned()), "{path:?}");
        }
        let base = Base::escaped("/notes/");
        assert_eq!((base.address("/d/a").as_str(), base.cookie_path()), ("/notes/d/a", "/notes"));
        assert_eq!((Base::default().address("/").as_str(), Base::default().cookie_path()), ("/", "/"));
    }
}
