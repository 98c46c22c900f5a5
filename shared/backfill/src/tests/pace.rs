//! How fast it is, by a clock that only pauses move.

use std::time::Duration;

use super::world::{World, asked, key};
use crate::Asked;

/// In any stretch of time no more than the rate has it, and what is sent at once.
#[test]
#[expect(clippy::cast_precision_loss, reason = "some thousand objects")]
fn the_rate_is_never_exceeded_and_is_reached() {
    for (rate, at_once) in [(1, 10), (10, 10), (64, 64), (100, 100), (2500, 100)] {
        let keys = (0..2000).map(|at| key(111, "eu-west-1", "2026/11/04", &format!("{at:04}")));
        let world = World { page_size: 1000, ..World::new(keys) };
        let asked = Asked { rate: Some(rate), ..asked("2026-11-03", "2026-11-05") };
        world.run(&asked).unwrap();
        let sent_at = world.sent_at.lock().unwrap();
        for (first, (begin, _)) in sent_at.iter().enumerate() {
            let mut objects = 0;
            for (end, sent) in &sent_at[first..] {
                assert!(*sent <= at_once);
                let allowed =
                    (*end).checked_sub(*begin).unwrap().as_secs_f64() * f64::from(rate) + at_once as f64;
                objects += sent;
                assert!(
                    objects as f64 <= allowed + 1e-3,
                    "{rate}: {objects} in {:?}",
                    (*end).checked_sub(*begin).unwrap()
                );
            }
        }
        let took = world.clock.lock().unwrap();
        let all = Duration::from_secs_f64(2000.0 / f64::from(rate));
        assert!(*took < all, "{rate}: {took:?}, and {all:?} is the rate");
    }
}
