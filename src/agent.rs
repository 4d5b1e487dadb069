//! The HTTP client, for those few who ask others: for the keys of another application, and on the command line for what a server says.

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// A client that gives up after a while. Which certificates it believes, the system says. Answers of every status are answers, and nobody
/// sends it elsewhere: what it brings along is for whom it was asked to go to.
pub fn agent(patience: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(patience))
        .user_agent(concat!("cowrite/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}
