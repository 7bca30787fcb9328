//! A bar for those who wait at a terminal; nothing where the output is a file.
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::actions::progress::Progress;

/// How often the bar is drawn again.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

/// Waits for `work` and shows how far it is, on the error output.
pub(super) async fn follow<T>(
    label: &'static str,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let bar = ProgressBar::new(0).with_message(label);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %") {
        bar.set_style(style);
    }
    let mut drawn = tokio::time::interval(DRAWN_EVERY);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                bar.finish_and_clear();
                return done;
            }
            _ = drawn.tick() => {
                let (done, total) = progress.far();
                bar.set_length(total.unsigned_abs());
                bar.set_position(done.unsigned_abs());
            }
        }
    }
}
