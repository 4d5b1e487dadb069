//! Doing things at an even pace.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep_until};

/// Do `count` things, `per_second` of them each second. The clock has ticks of a millisecond: of what is due within one, all is done
/// at its end, and what was late does not move what comes after.
pub async fn evenly(per_second: f64, count: u64, mut each: impl AsyncFnMut(u64) -> Result<()>) -> Result<()> {
    let began = Instant::now();
    for n in 0..count {
        let due = began + Duration::from_secs_f64(n as f64 / per_second);
        if due > Instant::now() {
            sleep_until(due).await;
        }
        each(n).await?;
    }
    Ok(())
}
