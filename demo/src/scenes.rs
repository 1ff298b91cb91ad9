//! The kinds of traffic: a table, with a line each.

mod browsing;
mod faults;
mod secrets;
mod shopping;
mod streams;

use std::pin::Pin;
use std::sync::Arc;

use crate::chance::Chance;
use crate::client::Fault;
use crate::traffic::World;

/// A scene while it plays.
pub(crate) type Playing = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// A kind of traffic.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// How often it is played, beside the others.
    pub(crate) weight: usize,
    pub(crate) play: fn(Arc<World>, Chance) -> Playing,
}

/// A line of the table.
macro_rules! scene {
    ($weight:literal, $module:ident :: $name:ident) => {
        Scene {
            name: stringify!($name),
            weight: $weight,
            play: |world, chance| Box::pin($module::$name(world, chance)),
        }
    };
}

/// All kinds, in the order in which they are played first.
pub(crate) const SCENES: &[Scene] = &[
    scene!(4, browsing::page),
    scene!(8, shopping::list),
    scene!(8, shopping::detail),
    scene!(2, streams::language_model),
    scene!(2, streams::events),
    scene!(2, streams::chat),
    scene!(3, secrets::order),
    scene!(2, secrets::login),
    scene!(3, shopping::missing),
    scene!(2, faults::broken),
    scene!(2, faults::refused),
    scene!(1, faults::distrust),
    scene!(3, shopping::reviews),
    scene!(2, shopping::categories),
    scene!(2, secrets::token),
    scene!(2, shopping::upload),
    scene!(3, shopping::graphql),
    scene!(2, streams::grpc),
    scene!(1, faults::retries),
    scene!(2, faults::slow),
    scene!(2, browsing::redirect),
    scene!(2, shopping::cart),
    scene!(1, shopping::exports),
    scene!(1, shopping::catalog),
];
