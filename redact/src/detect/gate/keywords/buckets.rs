//! Fours of bytes spread over buckets, so that few other fours are taken for one of them.

/// How many there are.
pub(super) const BUCKETS: usize = 8;

/// Texts as traffic has them, by which pairs of bytes are frequent or rare.
const SAMPLE: &[u8] = br#"{"items":[{"id":1042,"name":"A thing of some kind","price":{"amount":120.50,
"currency":"EUR"},"tags":["new","blue"],"created_at":"2024-05-01T10:20:30.123Z","updated_at":"2023-11-28T09:41:07+00:00",
"url":"https://shop.example.com/things/1042?page=2&limit=50&sort=created_at","in_stock":true,"rating":null,"type":"object",
"title":"the status of this request","description":"When the user had seen it, there was an error in the content of that
message; please contact the service for more information.\n\nIt is not possible to continue with other options, and all
are used for the application.","email":"jo.smith@mail.example","count":12,"total":300,"version":"1.4.2-beta","index":0,
"message":{"role":"assistant","content":"Sure, here is the list that you asked for:","finish_reason":"stop"},"usage":{
"prompt_tokens":900,"completion_tokens":31},"is_active":false,"userId":"550e8400-e29b-41d4-a716-446655440000","path":
"/api/v2/things","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","metadata":{"source":"web",
"language":"en-US","country":"DE","category_name":"products","locations":[52.52,13.405],"image_url":"static/img/large.png"}}]}
Host: www.example.com
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0 AppleWebKit/537.36 (KHTML, like Gecko)
Accept: application/json, text/plain, text/html, */*; Accept-Language: en-US,en;q=0.5; Accept-Encoding: gzip, deflate, br
Content-Type: application/json; charset=utf-8; Content-Length: 1234; Connection: keep-alive; Date: Wed, 01 May 2024 GMT
Cache-Control: max-age=0, private, must-revalidate, no-store; Strict-Transport-Security: max-age=63072000; includeSubDomains
<div class="container main"><p>The first of these is the one in which we are interested.</p><a href="/about">About us</a>
export function useState(initial) { const value = options.map((item) => item.value); return value.length > 0; }"#;

/// Two bytes of a keyword, of which one may be any.
type Two = [Option<u8>; 2];

/// Four bytes of a keyword and around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Four([Option<u8>; 4]);

impl Four {
    /// Those of `keyword`, which begins `before` bytes before the second of them.
    pub(super) fn of(keyword: &[u8], before: usize) -> Self {
        Self([0, 1, 2, 3].map(|at| (before + at).checked_sub(1).and_then(|at| keyword.get(at).copied())))
    }

    /// The two in the middle, which are always the keyword's.
    pub(super) fn middle(&self) -> [u8; 2] {
        [self.0[1].unwrap_or_default(), self.0[2].unwrap_or_default()]
    }

    fn twos(&self) -> [Two; 2] {
        let [a, b, c, d] = self.0;
        [[a, b], [c, d]]
    }
}

/// The fours to be spread.
#[derive(Debug)]
pub(super) struct Buckets {
    fours: Vec<Four>,
    /// How often each two bytes stand in the sample.
    counts: Box<[u16; 1 << 16]>,
}

/// The first two bytes of a bucket's fours, or the last, and how frequent they are together.
#[derive(Debug, Clone, Default)]
struct Half {
    twos: Vec<Two>,
    weight: u64,
}

impl Default for Buckets {
    fn default() -> Self {
        let mut counts = Box::new([0; 1 << 16]);
        for two in SAMPLE.array_windows() {
            counts[usize::from(u16::from_le_bytes(*two))] += 1;
        }
        Self { fours: Vec::new(), counts }
    }
}

impl Buckets {
    pub(super) fn push(&mut self, four: Four) {
        self.fours.push(four);
    }

    /// How frequent a four is.
    pub(super) fn weight(&self, four: &Four) -> u64 {
        four.twos().map(|two| self.weight_of_two(&two)).into_iter().product()
    }

    fn weight_of_two(&self, two: &Two) -> u64 {
        pairs(two).map(|pair| u64::from(self.counts[pair]) * 64).sum::<u64>() + 4
    }

    /// The buckets of each two bytes: those that have them as the first of four, and, [`BUCKETS`] bits higher, as the last.
    pub(super) fn table(mut self) -> Box<[u16; 1 << 16]> {
        let mut fours = std::mem::take(&mut self.fours);
        fours.sort_by_key(|four| {
            std::cmp::Reverse(four.twos().map(|two| self.weight_of_two(&two)).iter().sum::<u64>())
        });
        let mut buckets: [[Half; 2]; BUCKETS] = Default::default();
        for four in &fours {
            let twos = four.twos();
            let weights = twos.map(|two| self.weight_of_two(&two));
            // Where the fewest others pass then.
            let more = |[first, last]: &&mut [Half; 2]| {
                first.with(&twos[0], weights[0]) * last.with(&twos[1], weights[1])
                    - first.weight * last.weight
            };
            if let Some(bucket) = buckets.iter_mut().min_by_key(more) {
                for ((half, two), weight) in bucket.iter_mut().zip(twos).zip(weights) {
                    half.weight = half.with(&two, weight);
                    half.twos.push(two);
                }
            }
        }
        let mut table = Box::new([0; 1 << 16]);
        for (bit, bucket) in buckets.iter().enumerate() {
            for (half, shift) in bucket.iter().zip([bit, bit + BUCKETS]) {
                for pair in half.twos.iter().flat_map(pairs) {
                    table[pair] |= 1 << shift;
                }
            }
        }
        table
    }
}

impl Half {
    /// How frequent its bytes are with two more.
    fn with(&self, two: &Two, weight: u64) -> u64 {
        if self.twos.contains(two) { self.weight } else { self.weight + weight }
    }
}

/// All pairs of bytes that `two` can be, as indexes.
fn pairs(two: &Two) -> impl Iterator<Item = usize> + use<> {
    let all = |byte: Option<u8>| byte.map_or(0..=u8::MAX, |byte| byte..=byte);
    let [first, second] = *two;
    all(first).flat_map(move |first| {
        all(second).map(move |second| usize::from(u16::from_le_bytes([first, second])))
    })
}
