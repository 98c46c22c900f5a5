//! In memory and piece by piece: one outcome, value or error, whatever is done to a file.

use flate2::{Crc, GzBuilder};
use proptest::prelude::*;

use super::*;

/// How the text of a file is packed, and what befalls it then.
#[derive(Debug, Clone)]
struct Made {
    text: Vec<u8>,
    /// Where a member ends and the next one begins, of so many parts of the text.
    members: Vec<(usize, Member)>,
    mishap: Mishap,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    level: u32,
    header: Header,
}

#[derive(Debug, Clone, Copy)]
enum Header {
    Bare,
    Named,
    Everything,
    WithAChecksum,
    WithAWrongChecksum,
}

#[derive(Debug, Clone)]
enum Mishap {
    None,
    Cut(usize),
    Flipped(usize, u8),
    /// The last length of all says something else.
    Lies(u32),
    Behind(Vec<u8>),
}

fn packed(text: &[u8], Member { level, header }: Member) -> Vec<u8> {
    let builder = match header {
        Header::Named => GzBuilder::new().filename("log.json"),
        Header::Everything => GzBuilder::new().filename("log.json").comment("a log").extra(&[7; 9][..]),
        Header::Bare | Header::WithAChecksum | Header::WithAWrongChecksum => GzBuilder::new(),
    };
    let mut encoder = builder.write(Vec::new(), Compression::new(level));
    let mut bytes = encoder.write_all(text).and_then(|()| encoder.finish()).unwrap();
    if matches!(header, Header::WithAChecksum | Header::WithAWrongChecksum) {
        bytes[3] |= 1 << 1;
        let mut checksum = Crc::new();
        checksum.update(&bytes[..10]);
        let mut low = checksum.sum().to_le_bytes();
        low[0] ^= u8::from(matches!(header, Header::WithAWrongChecksum));
        bytes.splice(10..10, low[..2].iter().copied());
    }
    bytes
}

impl Made {
    fn stored(&self) -> Vec<u8> {
        let mut stored = Vec::new();
        let mut rest = &self.text[..];
        for (at, (length, member)) in self.members.iter().enumerate() {
            let is_last = at + 1 == self.members.len();
            let (part, more) = rest.split_at(if is_last { rest.len() } else { length % (rest.len() + 1) });
            stored.extend(packed(part, *member));
            rest = more;
        }
        match &self.mishap {
            Mishap::None => {}
            Mishap::Cut(at) => stored.truncate(at % (stored.len() + 1)),
            Mishap::Flipped(at, bits) => {
                let at = at % stored.len();
                stored[at] ^= bits;
            }
            Mishap::Lies(length) => {
                let at = stored.len() - 4;
                stored[at..].copy_from_slice(&length.to_le_bytes());
            }
            Mishap::Behind(bytes) => stored.extend(bytes),
        }
        stored
    }
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let element = prop_oneof![
        4 => "\\{\"[a-z]{1,8}\":\"[a-z\\\\\\\\ ]{0,40}\"\\}",
        1 => Just("7".to_owned()),
        1 => Just("{".to_owned()),
    ];
    let short = prop::collection::vec(element, 0..60)
        .prop_map(|elements| format!("{{\"Records\":[{}]}}", elements.join(",")).into_bytes());
    let long = (1_usize..4000).prop_map(|count| {
        format!("{{\"Records\":[{}{{}}]}}", "{\"eventName\":\"GetObject\"},".repeat(count)).into_bytes()
    });
    prop_oneof![8 => short, 1 => prop::collection::vec(any::<u8>(), 0..300), 1 => long]
}

fn members() -> impl Strategy<Value = Vec<(usize, Member)>> {
    let header = prop_oneof![
        5 => Just(Header::Bare),
        2 => Just(Header::Named),
        1 => Just(Header::Everything),
        1 => Just(Header::WithAChecksum),
        1 => Just(Header::WithAWrongChecksum),
    ];
    let member = (0_u32..10, header).prop_map(|(level, header)| Member { level, header });
    prop::collection::vec((any::<usize>(), member), 1..5)
}

fn mishaps() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        Just(Mishap::None),
        any::<usize>().prop_map(Mishap::Cut),
        (any::<usize>(), 1_u8..).prop_map(|(at, bits)| Mishap::Flipped(at, bits)),
        prop_oneof![0_u32..100_000, any::<u32>()].prop_map(Mishap::Lies),
        (0_usize..50).prop_map(|zeros| Mishap::Behind(vec![0; zeros])),
        (0_usize..9, prop::collection::vec(any::<u8>(), 0..30))
            .prop_map(|(zeros, garbage)| Mishap::Behind([vec![0; zeros], garbage].concat())),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    (texts(), members(), mishaps()).prop_map(|(text, members, mishap)| Made { text, members, mishap })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 700, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_reads_alike_in_memory_and_piece_by_piece(
        made in made(),
        chunk in prop_oneof![1_usize..5, 5_usize..5000, Just(usize::MAX)],
        inflated in prop_oneof![3 => Just(512_u64 << 20), 1 => 1_u64..2000],
        records in prop_oneof![3 => Just(1_000_000_u64), 1 => 0_u64..20],
    ) {
        let stored = made.stored();
        let limits = Limits { inflated, records, record: 64, ..Limits::default() };
        let piece_by_piece =
            read(&stored, usize::MAX, Limits { in_memory: 0, ..limits }, Layout::DeliveryOrArray);
        prop_assert_eq!(&read(&stored, chunk, limits, Layout::DeliveryOrArray), &piece_by_piece);
        prop_assert_eq!(&read_whole(&stored, limits, &mut Scratch::default()), &piece_by_piece);
    }

    #[test]
    fn a_file_that_is_too_large_for_memory_reads_as_one_that_is_not(
        made in made(),
        chunk in 1_usize..5000,
        in_memory in 0_usize..5000,
    ) {
        let stored = made.stored();
        let here = read(&stored, chunk, Limits::default(), Layout::Delivery);
        let there = read(&stored, chunk, Limits { in_memory, ..Limits::default() }, Layout::Delivery);
        match (here, there) {
            // Where gzip and what is in it are both broken, the pieces decide which of them is met first.
            (Err((here, _)), Err((there, _))) if is_of_gzip(here) || is_of_gzip(there) => {}
            (here, there) => prop_assert_eq!(here, there),
        }
    }
}

fn is_of_gzip(cause: Cause) -> bool {
    matches!(cause, Cause::CorruptGzip | Cause::TruncatedGzip)
}

fn read_whole(stored: &[u8], limits: Limits, scratch: &mut Scratch) -> Outcome {
    let reader = LogFileReader::with_scratch(
        limits,
        Layout::DeliveryOrArray,
        Collect::default(),
        std::mem::take(scratch),
    );
    let (read, back) = reader.read_whole(stored);
    *scratch = back;
    read.map(|sink| sink.0).map_err(|error| (error.cause, error.offset))
}

/// A file that inflates to some more than `bytes`.
fn file_of(bytes: usize) -> (Vec<u8>, Outcome) {
    let element = r#"{"eventName":"GetObject"}"#;
    let count = bytes / element.len() + 1;
    let text = format!("{{\"Records\":[{}]}}", vec![element; count].join(","));
    (gzip(text.as_bytes()), Ok(vec![Some(element.to_owned()); count]))
}

#[test]
fn what_is_inflated_takes_its_size_and_no_more_than_the_limit() {
    const STEP: usize = 256 << 10;
    let limits = Limits { in_memory: 4 << 20, ..Limits::default() };
    for (bytes, held) in [
        (100, 100..=STEP),
        (1 << 20, 1 << 20..=(1 << 20) + 2 * STEP),
        (3 << 20, 3 << 20..=4 << 20),
        (9 << 20, 0..=0),
    ] {
        let (stored, elements) = file_of(bytes);
        let mut scratch = Scratch::default();
        assert_eq!(read_whole(&stored, limits, &mut scratch), elements);
        assert!(held.contains(&scratch.held()), "{bytes} bytes took {}", scratch.held());
    }
}

#[test]
fn a_file_that_lies_about_its_length_takes_no_more_than_the_limit() {
    let limits = Limits { in_memory: 1 << 20, ..Limits::default() };
    let (stored, elements) = file_of(5 << 20);
    let second = gzip(b" ");
    // A small last member hides how large the first one is.
    let stored = [stored, second].concat();
    let mut scratch = Scratch::default();
    assert_eq!(read_whole(&stored, limits, &mut scratch), elements);
    assert!(scratch.held() <= 1 << 20, "{}", scratch.held());
}

#[test]
fn of_what_is_pushed_no_more_is_kept_than_may_be_inflated_in_memory() {
    let limits = Limits { in_memory: 1 << 20, ..Limits::default() };
    // Numbers that do not pack: as stored it is larger than what is kept, and all of it is read.
    let mut state = 1_u64;
    let numbers: Vec<String> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 8).to_string()
        })
        .collect();
    let stored = gzip(format!("{{\"Records\":[{}]}}", numbers.join(",")).as_bytes());
    assert!(stored.len() > limits.stored_in_memory());
    let mut reader = LogFileReader::new(limits, Layout::Delivery, Collect::default());
    for part in stored.chunks(1000) {
        reader.push(part).unwrap();
        assert!(reader.scratch.held() <= limits.stored_in_memory());
    }
    let (read, scratch) = reader.finish_with_scratch();
    assert_eq!(read.unwrap().0, numbers.into_iter().map(Some).collect::<Vec<_>>());
    assert_eq!(scratch.held(), 0);
}

#[test]
fn a_buffer_is_used_again_and_shrinks_when_the_large_files_are_over() {
    let (large, of_large) = file_of(8 << 20);
    let (small, of_small) = file_of(100);
    let mut scratch = Scratch::default();
    assert_eq!(read_whole(&large, Limits::default(), &mut scratch), of_large);
    let held = scratch.held();
    assert!(held >= 8 << 20);
    for _ in 0..8 {
        assert_eq!(read_whole(&small, Limits::default(), &mut scratch), of_small);
        assert_eq!(scratch.held(), held);
    }
    for _ in 0..24 {
        assert_eq!(read_whole(&small, Limits::default(), &mut scratch), of_small);
    }
    assert!(scratch.held() < 1 << 20, "{}", scratch.held());
}

/// zlib refuses a block that declares 287 codes, of which none may use the last; libdeflate reads it.
/// So it is with codes that are declared and incomplete. No compressor writes any of them, what
/// comes out has the checksum that the file names, and to look for them would cost a second inflating.
#[test]
fn what_only_libdeflate_takes_is_known() {
    let stored = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0xf5, 0x00, 0x21, 0x09, 0x00, 0x00, 0xe8, 0x8b, 0x33, 0x1c,
        0xa0, 0xdd, 0x2a, 0x26, 0x35, 0x0b, 0x1a, 0xc5, 0xef, 0x4e, 0x59, 0x90, 0xf4, 0xea, 0x18, 0x40, 0xb5,
        0x7b, 0x22, 0x0a, 0xe2, 0x96, 0x0e, 0, 0, 0,
    ];
    assert_eq!(read(&stored, usize::MAX, Limits::default(), Layout::Delivery), Ok(Vec::new()));
    let piece_by_piece = Limits { in_memory: 0, ..Limits::default() };
    let outcome = read(&stored, usize::MAX, piece_by_piece, Layout::Delivery);
    assert!(matches!(outcome, Err((Cause::CorruptGzip, _))), "{outcome:?}");
}
