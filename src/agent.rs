//! The HTTP client, for those few who ask others: for the keys of another application, and on the command line for what a server says.

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// A client that gives up after a while. Which certificates it believes, the system says. Answers of every status are answers.
///
/// `only_https`: a redirect may not lead to where there is no TLS.
pub fn agent(patience: Duration, only_https: bool) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .https_only(only_https)
        .http_status_as_error(false)
        .timeout_global(Some(patience))
        .user_agent(concat!("cowrite/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}
