//! Steps at which a test may end the process, by name.

/// Names a step. Nothing is compiled without the feature `failpoints`.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        fail::fail_point!($name);
    };
}
