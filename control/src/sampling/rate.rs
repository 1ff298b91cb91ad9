//! At most so many exchanges a second of each route.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dashcam_exchange::path_shape;

use super::Subject;
use super::hash::hash_of;

/// Routes that are told apart. When there are more at the same time, some share their rate.
const ROUTES: usize = 4096;
/// Places in which a route may stand.
const WAYS: usize = 4;

/// A place has three numbers: the route's, that of the second (modulo its bits), and how many were taken in it.
const SECOND_BITS: u32 = 22;
const COUNT_BITS: u32 = 20;
/// The highest rate: beyond it all are taken.
const MOST: u64 = (1 << COUNT_BITS) - 1;

thread_local! {
    static SHAPE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The routes of one rule, and how many of each were taken in the present second. Nobody waits for anybody.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: u64,
    routes: Box<[AtomicU64]>,
}

/// A place, read.
#[derive(Debug, Clone, Copy)]
struct Place {
    route: u64,
    second: u64,
    count: u64,
}

impl Place {
    fn read(packed: u64) -> Self {
        Self {
            route: packed >> (SECOND_BITS + COUNT_BITS),
            second: (packed >> COUNT_BITS) & ((1 << SECOND_BITS) - 1),
            count: packed & MOST,
        }
    }

    fn packed(self) -> u64 {
        self.route << (SECOND_BITS + COUNT_BITS) | self.second << COUNT_BITS | self.count
    }
}

impl Rate {
    pub(super) fn new(per_second: u64) -> Self {
        Self { per_second, routes: (0..ROUTES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Takes an exchange, unless as many of its route were taken in this second as may be.
    pub(super) fn takes(&self, subject: &Subject<'_>, now: Duration) -> bool {
        self.takes_route(route(subject), now.as_secs())
    }

    fn takes_route(&self, route: u64, second: u64) -> bool {
        if self.per_second > MOST {
            return true;
        }
        // Numbered from one, so that an empty place is none of the present second.
        let second = second % ((1 << SECOND_BITS) - 1) + 1;
        let set = (route as usize % (ROUTES / WAYS)) * WAYS;
        let route = route >> (SECOND_BITS + COUNT_BITS);
        let places = &self.routes[set..set + WAYS];
        loop {
            let read: [u64; WAYS] = std::array::from_fn(|way| places[way].load(Ordering::Relaxed));
            let of_route =
                |packed: &u64| Place::read(*packed).route == route && Place::read(*packed).second != 0;
            let is_over = |packed: &u64| Place::read(*packed).second != second;
            let way = read.iter().position(of_route).or_else(|| read.iter().position(is_over)).unwrap_or(0);
            let place = Place::read(read[way]);
            let count = if place.second == second { place.count } else { 0 };
            if count >= self.per_second {
                return false;
            }
            let next = Place { route, second, count: count + 1 }.packed();
            let changed = places[way].compare_exchange(read[way], next, Ordering::Relaxed, Ordering::Relaxed);
            if changed.is_ok() {
                return true;
            }
        }
    }
}

/// The number of an exchange's route: method, host, and path with its ids folded.
fn route(subject: &Subject<'_>) -> u64 {
    SHAPE.with_borrow_mut(|shape| {
        path_shape(&subject.request.target, shape);
        let method = &subject.request.method;
        let host = subject.destination.map_or("", |destination| destination.host.as_str());
        let route = hash_of(&[method.as_bytes(), host.as_bytes(), shape.as_bytes()]);
        // One enormous path is not kept.
        if shape.capacity() > 64 << 10 {
            *shape = String::new();
        }
        route
    })
}

#[cfg(test)]
mod tests {
    use super::super::hash::hash;
    use super::*;

    #[test]
    fn so_many_of_each_route_a_second() {
        let rate = Rate::new(10);
        for second in [0, 1, 2, 5, 1 << 22, (1 << 22) + 1] {
            for route in [b"a", b"b", b"c"] {
                let taken = (0..25).filter(|_| rate.takes_route(hash(route), second)).count();
                assert_eq!(taken, 10, "{second}");
            }
        }
    }

    #[test]
    fn very_many_routes_take_no_more_room() {
        let rate = Rate::new(1);
        for second in 0..3 {
            let routes = (0..100_000_u32).map(|number| hash(&number.to_be_bytes()));
            let taken = routes.filter(|route| rate.takes_route(*route, second)).count();
            // Those beyond the places share them.
            assert!((ROUTES - WAYS..=ROUTES).contains(&taken), "{taken}");
        }
    }

    #[test]
    fn exact_under_contention() {
        let rate = Rate::new(1000);
        let taken = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mine = (0..1000).filter(|_| rate.takes_route(7, 3)).count();
                    taken.fetch_add(mine as u64, Ordering::Relaxed);
                });
            }
        });
        assert_eq!(taken.into_inner(), 1000);
    }
}
