//! Properties of all filters, all texts and all exchanges.

use dashcam_exchange::{
    Destination, Direction, Exchange, Failure, Headers, ResponseHead, Scheme, Side, Stage, State, Timings,
    sample,
};
use dashcam_filter::{
    DirectFilter, Facts, Field, Filter, Flag, Marks, MessageContent, Moment, Names, Node, Of, Progress, Span,
    Term, Test, Text, Truth,
};
use proptest::prelude::*;

use crate::world::read;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9]{1,3}",
        1 => "[a-zA-Z0-9_.%:@;/*|()\"'\\\\ ,=<>~&!-]{0,6}",
        1 => "\\PC{0,4}",
        1 => prop::sample::select(vec!["api", "500", "503", "json", "http", "\u{fc}", "get", "not", "or", "1..2", ">5"])
            .prop_map(str::to_owned),
    ]
}

fn text(field: &Field) -> impl Strategy<Value = Text> + use<> {
    let glob = prop::collection::vec(word(), 2..4).prop_map(|mut pieces| {
        let last = pieces.len() - 1;
        pieces[1..last].iter_mut().filter(|piece| piece.is_empty()).for_each(|piece| piece.push('x'));
        if pieces.iter().all(String::is_empty) {
            pieces[0].push('x');
        }
        Text::Glob(pieces)
    });
    let is_host = matches!(field, Field::Host | Field::Domain | Field::Destination);
    let exact = word().prop_map(move |word| Text::Exact(if is_host { word.to_lowercase() } else { word }));
    let regex =
        prop::sample::select(vec!["a.*b", "^[a-z]+$", "\\d+", "(a|b)/c", "(?-i)X.", "\\\\/x?", "5\\d\\d"]);
    let common = prop_oneof![
        4 => word().prop_map(Text::Contains),
        1 => exact,
        1 => glob,
        1 => regex.prop_map(|source| Text::Regex(source.to_owned())),
    ];
    if *field == Field::Client {
        let network = prop::sample::select(vec!["10.0.0.7/32", "10.0.0.0/8", "::/0"]);
        return prop_oneof![common, network.prop_map(|network| Text::Network(network.parse().unwrap()))]
            .boxed();
    }
    common.boxed()
}

fn span() -> impl Strategy<Value = Span> {
    (0..700_i64, 0..700_i64).prop_flat_map(|(one, other)| {
        let (min, max) = (one.min(other), one.max(other));
        prop_oneof![
            Just(Span { min, max }),
            Just(Span { min, max: i64::MAX }),
            Just(Span { min: i64::MIN, max }),
            Just(Span::only(min)),
        ]
    })
}

fn term() -> impl Strategy<Value = Term> {
    let name =
        prop::sample::select(vec!["x", "accept", "x-a", "a b", "a.b", "\u{fc}"]).prop_map(str::to_owned);
    let of = prop::sample::select(vec![Of::Either, Of::Request, Of::Response]);
    let texts = (0..18_usize, name, of).prop_flat_map(|(index, name, of)| {
        let field = match index {
            0 => Field::Method,
            1 => Field::Host,
            2 => Field::Domain,
            3 => Field::Url,
            4 => Field::Path,
            5 => Field::Query,
            6 => Field::Type,
            7 => Field::Client,
            8 => Field::FailMessage,
            9 => Field::Comment,
            10 => Field::QueryParameter(name),
            11 => Field::Header(of, name),
            12 => Field::HeaderLines(of),
            13 => Field::Cookie(of, name),
            14 => Field::Body(of),
            15 => Field::Json(of, vec![name]),
            16 => Field::Destination,
            _ => Field::WebSocket,
        };
        let tests = prop::collection::vec(text(&field), 1..3).prop_map(Test::Text);
        let test = prop_oneof![5 => tests, 1 => Just(Test::Present)];
        test.prop_map(move |test| Term { field: field.clone(), test })
    });
    let numbers = prop::sample::select(vec![
        Field::Status,
        Field::Port,
        Field::Id,
        Field::Duration,
        Field::Size(Of::Response),
        Field::Size(Of::Request),
        Field::At,
        Field::Connection,
    ]);
    let numbers = (numbers, prop::collection::vec(span(), 1..3))
        .prop_map(|(field, spans)| Term { field, test: Test::Numbers(spans) });
    let flags = prop::sample::subsequence(Flag::ALL.to_vec(), 1..3).prop_map(|flags| {
        // A set of marks is read from its names.
        let names: Vec<_> = flags
            .iter()
            .map(|flag| {
                Node::Term(Term { field: Field::Is, test: Test::Names(Names::flag(*flag)) }).to_string()
            })
            .collect();
        let text = names.join(",").replace(",is:", ",");
        let Node::Term(term) = read(&text).unwrap().tree().clone() else { panic!("{text}") };
        term
    });
    let named = prop::sample::select(vec![
        "state:failed,open",
        "level:full",
        "version:h1",
        "scheme:https",
        "fail:tls",
    ])
    .prop_map(|text| match read(text).unwrap().tree() {
        Node::Term(term) => term.clone(),
        other => panic!("{other}"),
    });
    let bare = prop_oneof![
        4 => word().prop_map(Text::Contains),
        1 => Just(Text::Regex("a.*b".to_owned())),
    ];
    let bare = bare.prop_map(|text| Term { field: Field::Anywhere, test: Test::Text(vec![text]) });
    prop_oneof![6 => texts, 3 => numbers, 1 => flags, 1 => named, 2 => bare]
}

/// Any tree that can be written.
pub(crate) fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![20 => term().prop_map(Node::Term), 1 => Just(Node::All)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::Or),
            inner.prop_map(Node::not),
        ]
    })
}

fn headers() -> impl Strategy<Value = Headers> {
    let name = prop::sample::select(vec!["X", "accept", "x-a", "Cookie", "Content-Type"]);
    prop::collection::vec((name, "[a-c0-9=;/ ]{0,6}"), 0..4).prop_map(|fields| fields.into_iter().collect())
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let head = ("[A-Z]{2,4}", "/[a-c0-9/?=&%x.]{0,10}", headers());
    let response = prop::option::of((100..600_u16, headers()));
    let host = prop::sample::select(vec!["api", "a", "::1", "abc.b"]);
    let outcome = (
        prop::sample::select(State::ALL.to_vec()),
        any::<bool>(),
        prop::option::of(0..700_i64),
        any::<bool>(),
    );
    (0..700_i64, host, head, response, outcome).prop_map(
        |(id, host, (method, target, headers), response, outcome)| {
            let (state, fails, duration, truncated) = outcome;
            let mut exchange = sample::exchange(id);
            exchange.destination = Destination { scheme: Scheme::Https, host: host.to_owned(), port: 443 };
            exchange.request.method = method;
            exchange.request.target = target;
            exchange.request.headers = headers;
            exchange.response =
                response.map(|(status, headers)| ResponseHead { status, headers, ..sample::ok(&[]) });
            exchange.state = state;
            exchange.failure = fails.then(|| Failure::new(Side::Upstream, Stage::TlsHandshake, "a.b x"));
            exchange.timings = Timings { end_us: duration, ..Timings::default() };
            exchange.response_body.truncated = truncated;
            exchange
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_tree_is_read_as_the_same_tree(node in node()) {
        let text = node.to_string();
        let again = read(&text);
        prop_assert!(again.is_ok(), "{text}\n{}", again.unwrap_err().render());
        let again = again.unwrap();
        prop_assert_eq!(again.tree(), &node, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        let _ = read(&text).map_err(|error| error.render());
    }

    #[test]
    fn no_text_of_the_language_makes_the_parser_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "~", "u", " ", "(", ")", "!", "-", "|", "&", "\"", "'", "\\", "/", "*", "=", ",", ":", ".", "..", ">", "host",
            "header.", "json.", "at:", "dur:", "5", "ms", "\u{fc}", "\0", "preset:", "one", "not", "or ", "[", "{",
        ]), 0..14)
    ) {
        if let Ok(filter) = read(&pieces.concat()) {
            let again = read(&filter.to_string());
            prop_assert!(again.is_ok(), "{} as {}", pieces.concat(), filter);
            let again = again.unwrap();
            prop_assert_eq!(again.tree(), filter.tree(), "{}", pieces.concat());
        }
    }

    #[test]
    fn a_certain_answer_never_changes(node in node(), exchange in exchange(), body in "[a-c{}\":x0-9]{0,12}") {
        let filter = Filter::of(node).unwrap();
        let end = Facts::of_exchange(&exchange, Moment::End);
        let messages =
            [MessageContent { direction: Direction::Request, is_web_socket: true, data: b"ab/c".to_vec() }];
        let summary = exchange.summary();
        let with_messages = end.with_client(None).with_messages(&messages);
        let all = with_messages
            .with_marks(Marks::default())
            .with_body(Direction::Request, Some(body.as_bytes()))
            .with_body(Direction::Response, None);
        let last = filter.evaluate(&all);
        prop_assert!(last.is_certain(), "{} is not certain", filter);
        let moments = [
            Facts::default(),
            Facts::of_request(&exchange.destination, &exchange.request),
            Facts::of_exchange(&exchange, Moment::Request),
            Facts::of_exchange(&exchange, Moment::Response),
            end,
            Facts::of_summary(&summary),
            with_messages,
        ];
        for facts in moments {
            let answer = filter.evaluate(&facts);
            prop_assert!(answer == Truth::Unknown || answer == last, "{}: {:?} and then {:?}", filter, answer, last);
            // With the parts that it needs it is certain.
            let is_enough = facts.known.contains(filter.needs());
            prop_assert!(!is_enough || answer.is_certain(), "{} with {:?}", filter, facts.known);
        }
    }
    #[test]
    fn a_direct_answer_is_that_of_the_facts(
        node in node(), exchange in exchange(), reached in prop::option::of(0..700_i64)
    ) {
        let filter = Filter::of(node).unwrap();
        let Some(direct) = DirectFilter::of(filter.tree()) else { return Ok(()) };
        for moment in [Moment::Request, Moment::Response, Moment::End] {
            let facts = Facts::of_exchange(&exchange, moment);
            let facts = reached.map_or(facts, |reached| facts.so_far(&exchange, reached));
            if let Some(answer) = direct.answer(&Progress::of(&exchange, moment, reached)) {
                prop_assert_eq!(answer, filter.evaluate(&facts), "{} {:?}", filter, moment);
            }
        }
    }
}
