//! Look-ups whose ends the tests decide on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::config::ConnectionLimits;
use crate::net::admission::Admission;
use crate::upstream::resolve::*;

const HOUR: Duration = Duration::from_secs(3600);

/// A system's resolver: names that begin with `slow` are answered when the test says so, `gone` names don't exist.
struct System {
    resolver: Resolver,
    limited: Arc<Limited>,
    asked: Arc<Mutex<HashMap<String, usize>>>,
    /// Ends one slow look-up.
    end: SyncSender<()>,
}

impl System {
    fn new() -> Self {
        let (limited, asked) = (Arc::<Limited>::default(), Arc::<Mutex<HashMap<String, usize>>>::default());
        let (end, ends) = sync_channel(1000);
        let (count, ends) = (Arc::clone(&asked), Mutex::new(ends));
        let lookup = move |host: &str| {
            *lock(&count).entry(host.to_owned()).or_default() += 1;
            look_up(host, &ends)
        };
        Self { resolver: Resolver::new(Arc::clone(&limited), lookup), limited, asked, end }
    }

    async fn resolve(
        &self,
        host: &str,
        account: Option<&Arc<Account>>,
    ) -> Result<Vec<SocketAddr>, Unresolved> {
        self.resolver.resolve((host, 443), account, Instant::now() + HOUR).await
    }

    /// Begins to resolve, and gives up at once.
    async fn give_up(&self, host: &str, account: Option<&Arc<Account>>) -> Unresolved {
        let deadline = Instant::now() + Duration::from_millis(1);
        self.resolver.resolve((host, 443), account, deadline).await.unwrap_err()
    }

    fn asked(&self, host: &str) -> usize {
        lock(&self.asked).get(host).copied().unwrap_or_default()
    }

    fn count(&self, limit: Limit) -> u64 {
        self.limited.read().into_iter().find(|(counted, _)| *counted == limit).unwrap().1
    }
}

fn look_up(host: &str, ends: &Mutex<Receiver<()>>) -> io::Result<Vec<SocketAddr>> {
    match host {
        "gone" => return Err(io::Error::other("no such name")),
        "panics" => panic!("as the test wants it"),
        "many" => return Ok((0..255).map(|last| ([192, 0, 2, last], 0).into()).collect()),
        _ => {}
    }
    if host.starts_with("slow") {
        // An error means that the test is over.
        let _ = lock(ends).recv();
    }
    Ok(vec![([192, 0, 2, 1], 0).into()])
}

fn account(address: &str) -> Arc<Account> {
    let admission = Admission::new(ConnectionLimits::default());
    Arc::clone(&admission.admit(address.parse::<IpAddr>().unwrap()).unwrap().account)
}

#[tokio::test]
async fn an_answer_is_remembered_for_a_moment() {
    let system = System::new();
    let expect: Vec<SocketAddr> = vec!["192.0.2.1:443".parse().unwrap()];
    for _ in 0..3 {
        assert_eq!(system.resolve("a", None).await.unwrap(), expect);
    }
    assert_eq!(system.asked("a"), 1);
    tokio::time::pause();
    tokio::time::advance(FOUND).await;
    tokio::time::resume();
    system.resolve("a", None).await.unwrap();
    assert_eq!(system.asked("a"), 2, "it is asked for again");
    system.resolver.forget("a");
    system.resolve("a", None).await.unwrap();
    assert_eq!(system.asked("a"), 3, "it was forgotten");
    assert_eq!(system.resolve("many", None).await.unwrap().len(), ADDRESSES);
}

#[tokio::test]
async fn so_is_that_there_is_none_for_less_long() {
    let system = System::new();
    let gone = || system.resolve("gone", None);
    assert_eq!(gone().await.unwrap_err().to_string(), "no such name");
    assert_eq!((gone().await.is_err(), system.asked("gone")), (true, 1));
    tokio::time::pause();
    tokio::time::advance(NOT_FOUND).await;
    tokio::time::resume();
    assert_eq!((gone().await.is_err(), system.asked("gone")), (true, 2));
}

#[tokio::test]
async fn a_name_is_looked_up_once_at_a_time_whoever_asks() {
    let system = System::new();
    let (one, two) = (account("192.0.2.1"), account("192.0.2.2"));
    let asking =
        async { tokio::join!(system.resolve("slow", Some(&one)), system.resolve("slow", Some(&two))) };
    let ending = async {
        assert_eq!(system.give_up("slow", None).await, Unresolved::TimedOut);
        system.end.send(()).unwrap();
    };
    let ((first, second), ()) = tokio::join!(asking, ending);
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(system.asked("slow"), 1);
    assert!(lock(&system.resolver.0.running).is_empty());
}

#[tokio::test]
async fn a_look_up_that_was_given_up_keeps_its_place_until_it_ends() {
    let system = System::new();
    let (hostile, other) = (account("192.0.2.1"), account("192.0.2.2"));
    for number in 0..LOOKUPS_OF_ADDRESS {
        let given_up = system.give_up(&format!("slow{number}"), Some(&hostile)).await;
        assert_eq!(given_up, Unresolved::TimedOut);
    }
    let refused = system.give_up("a", Some(&hostile)).await;
    assert_eq!(refused, Unresolved::NoRoom(Limit::LookupsOfAddress));
    assert!(refused.to_string().contains("16 other names that this client asked for"), "{refused}");
    assert_eq!((system.asked("a"), system.count(Limit::LookupsOfAddress)), (0, 1));
    system.resolve("b", Some(&other)).await.expect("the others' names are looked up");
    system.end.send(()).unwrap();
    system.resolve("a", Some(&hostile)).await.expect("one has ended");
    assert_eq!(system.count(Limit::Lookups), 0);
    (1..LOOKUPS_OF_ADDRESS).for_each(|_| system.end.send(()).unwrap());
}

#[tokio::test]
async fn all_together_are_bounded() {
    let system = System::new();
    for number in 0..LOOKUPS {
        system.give_up(&format!("slow{number}"), None).await;
    }
    assert_eq!(system.give_up("a", None).await, Unresolved::NoRoom(Limit::Lookups));
    assert_eq!((system.asked("a"), system.count(Limit::Lookups)), (0, 1));
    (0..LOOKUPS).for_each(|_| system.end.send(()).unwrap());
    system.resolve("a", None).await.expect("there is room again");
}

#[tokio::test]
async fn a_resolver_that_panics_leaves_nothing_behind() {
    let system = System::new();
    let failed = system.resolve("panics", None).await.unwrap_err();
    assert_eq!(failed.to_string(), "the look-up was broken off");
    assert!(lock(&system.resolver.0.running).is_empty());
    assert_eq!(system.resolver.0.room.available_permits(), LOOKUPS);
}

#[tokio::test]
async fn no_more_names_are_remembered_than_there_is_room_for() {
    let system = System::new();
    for number in 0..2 * REMEMBERED {
        let answer = (Err("none".into()), Instant::now() + HOUR);
        system.resolver.0.known.insert(number.to_string().into(), answer);
    }
    system.resolver.0.known.run_pending_tasks();
    assert!(system.resolver.0.known.entry_count() <= REMEMBERED);
}
