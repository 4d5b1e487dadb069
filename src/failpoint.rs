//! Steps at which a test may end the process, by name, and calls that it may let fail.

/// Names a step. Nothing is compiled without the feature `failpoints`.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name);
    };
}

/// Names a place where a test may have the function return an error instead of going on.
macro_rules! failure {
    ($name:literal, $error:expr) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name, |_| Err($error));
    };
}
