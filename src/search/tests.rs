//! Words, snippets and the index, without a server.

use super::snippet::snippet;
use super::*;

fn document(number: u64, title: &str, text: &str) -> Document {
    let id = DocId::parse(&format!("d{number}")).expect("an id");
    Document { number: DocNumber(number), id, updated_ms: number, title: title.into(), text: text.into() }
}

/// A search over these texts, which have the numbers 1, 2, …
struct Shelf {
    folder: tempfile::TempDir,
    search: Search,
    index: Index,
}

impl Shelf {
    fn of(texts: &[&str]) -> Shelf {
        let folder = tempfile::tempdir().expect("a folder");
        let search = Search::default();
        let mut index = search.open(folder.path()).expect("a new index");
        let numbered = texts.iter().zip(1..);
        let documents: Vec<_> = numbered.map(|(text, number)| document(number, "", text)).collect();
        index.put(&documents).expect("room");
        Shelf { folder, search, index }
    }

    fn found(&self, typed: &str) -> Vec<u64> {
        let hits = self.search.find(&Query::parse(typed), 0, 100).expect("an answer");
        let mut numbers: Vec<u64> = hits.iter().map(|hit| hit.number.0).collect();
        numbers.sort_unstable();
        numbers
    }
}

#[test]
fn words_are_found_by_their_beginning_whatever_their_case_and_accents() {
    let shelf =
        Shelf::of(&["Ein CRDT für Texte", "Crème brûlée", "cre\u{301}mes", "don't snake_case", "हिन्दी भाषा"]);
    for (typed, numbers) in [
        ("crdt", &[1][..]),
        ("CRD tex", &[1]),
        ("fur", &[1]),
        ("für", &[1]),
        ("exte", &[]),
        ("creme", &[2, 3]),
        ("CRÈMES", &[3]),
        ("don't", &[4]),
        ("case", &[4]),
        ("हिन्दी", &[5]),
        ("crdt brûlée", &[]),
    ] {
        assert_eq!(shelf.found(typed), numbers, "{typed}");
    }
}

#[test]
fn chinese_japanese_and_korean_are_found_anywhere() {
    let shelf =
        Shelf::of(&["全文検索エンジン", "今天天气很好。", "iPhone手機殼", "한국어 검색", "ｶﾞﾗｽ", "𠮷野家"]);
    for (typed, numbers) in [
        ("検", &[1][..]),
        ("検索", &[1]),
        ("索エ", &[1]),
        ("索検", &[]),
        ("全索", &[]),
        ("天气", &[2]),
        ("天天", &[2]),
        ("手", &[3]),
        ("iphone手機", &[3]),
        ("phone", &[]),
        ("국어", &[4]),
        ("ガラス", &[5]),
        ("𠮷", &[6]),
    ] {
        assert_eq!(shelf.found(typed), numbers, "{typed}");
    }
}

#[test]
fn nothing_that_is_typed_is_syntax() {
    let shelf = Shelf::of(&["alpha NOT beta", "near or and title text", "beta"]);
    for typed in ["\"", "\"\"\"", "*", "()", "-", "^", "' OR 1=1 --", "{} :", "\0", "\u{301}", " ", "", "🦊"]
    {
        let query = Query::parse(typed);
        assert_eq!(query.is_empty(), !typed.contains("OR"), "{typed:?}");
        assert_eq!(shelf.found(typed), [0; 0], "{typed:?}");
    }
    assert_eq!(shelf.found("alpha NOT beta"), [1]);
    assert_eq!(shelf.found("NEAR(near or)"), [2]);
    assert_eq!(shelf.found("title:near"), [2]);
    assert_eq!(shelf.found("text: beta"), [0; 0]);
    assert_eq!(shelf.found("^bet*"), [1, 3]);
    assert_eq!(shelf.found("al\"pha"), [0; 0], "two words, neither of which begins so");
}

#[test]
fn a_title_weighs_more_and_pages_follow_each_other() {
    let mut shelf = Shelf::of(&[]);
    let mut documents: Vec<_> = (1..=20).map(|n| document(n, "", "the plan is a plan")).collect();
    documents.push(document(21, "Plan", "something else that is rather long and says nothing of it at all"));
    shelf.index.put(&documents).expect("room");
    let page = |skip| -> Vec<u64> {
        let hits = shelf.search.find(&Query::parse("plan"), skip, 8).expect("an answer");
        hits.iter().map(|hit| hit.number.0).collect()
    };
    let all: Vec<u64> = [0, 8, 16].into_iter().flat_map(page).collect();
    let expected: Vec<u64> = std::iter::once(21).chain(1..=20).collect();
    assert_eq!(all, expected);
    assert_eq!(page(21), [0; 0]);
}

#[test]
fn what_is_changed_or_taken_out_leaves_nothing_behind() {
    let mut shelf = Shelf::of(&["the zanzibar plan", "other 秘密"]);
    shelf.index.put(&[document(1, "", "the plan")]).expect("room");
    shelf.index.remove(&[DocNumber(2), DocNumber(77)]).expect("no trouble");
    assert_eq!((shelf.found("zanzibar"), shelf.found("秘"), shelf.found("plan")), (vec![], vec![], vec![1]));
    let Shelf { folder, search, index } = shelf;
    search.close();
    drop(index);
    for file in std::fs::read_dir(folder.path()).expect("the folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("its bytes");
        for word in ["zanzibar", "秘"] {
            let there = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!there, "{word} is on disk still");
        }
    }
}

#[test]
fn an_index_that_is_missing_damaged_or_of_another_format_is_made_anew() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 4] = [
        ("missing", |file| std::fs::remove_file(file).expect("it is there")),
        ("no database", |file| std::fs::write(file, "nonsense".repeat(1000)).expect("room")),
        ("damaged in the middle", |file| {
            let mut bytes = std::fs::read(file).expect("its bytes");
            bytes[4096..].fill(0x5a);
            std::fs::write(file, bytes).expect("room");
        }),
        ("of another format", |file| {
            let connection = rusqlite::Connection::open(file).expect("a database");
            connection.pragma_update(None, "user_version", 77).expect("room");
        }),
    ];
    for (name, harm) in harms {
        let Shelf { folder, search, index } = Shelf::of(&["the plan"]);
        assert_eq!(index.known().expect("known").len(), 1);
        search.close();
        drop(index);
        harm(&folder.path().join("index.sqlite"));
        let mut index = search.open(folder.path()).expect("a new index");
        assert_eq!(index.known().expect("known"), [], "{name}");
        index.put(&[document(1, "", "the plan")]).expect("room");
        assert_eq!(Shelf { folder, search, index }.found("plan"), [1], "{name}");
    }
}

#[test]
fn an_index_that_is_whole_is_kept() {
    let Shelf { folder, search, index } = Shelf::of(&["the plan"]);
    search.close();
    drop(index);
    let index = search.open(folder.path()).expect("the index");
    assert_eq!(index.known().expect("known"), [(DocNumber(1), Stamp::of(1, ""))]);
    assert_eq!(index.id(DocNumber(1)).expect("an answer").expect("an id").as_str(), "d1");
}

#[test]
fn damage_that_is_met_by_whoever_asks_closes_the_index() {
    let shelf = Shelf::of(&["the plan"]);
    shelf.search.complete();
    let other = rusqlite::Connection::open(shelf.folder.path().join("index.sqlite")).expect("a database");
    other.execute_batch("DROP TABLE documents").expect("it is there");
    assert_eq!(shelf.found("plan"), [0; 0]);
    assert!(shelf.search.is_indexing() && !shelf.search.is_open());
}

#[test]
fn a_snippet_shows_where_most_of_the_words_are() {
    let marked = |text: &str, typed: &str| {
        let Snippet { text, marks } = snippet(text, &Query::parse(typed));
        let units: Vec<u16> = text.encode_utf16().collect();
        let marks = marks.iter().map(|&(from, to)| String::from_utf16(&units[from..to]).expect("characters"));
        (text.clone(), marks.collect::<Vec<_>>())
    };
    let (text, marks) = marked("🦊 Crème\nbrûlée, cremes and ice", "creme ice");
    assert_eq!(text, "🦊 Crème brûlée, cremes and ice");
    assert_eq!(marks, ["Crème", "creme", "ice"]);
    assert_eq!(marked("全文検索エンジン", "検索").1, ["検索"]);
    assert_eq!(marked("iPhone手機殼", "iphone手").1, ["iPhone手"]);
    assert_eq!(marked("nothing of it", "plan").1, [""; 0]);
    assert_eq!(marked("", "plan").0, "");

    let far = format!("plan {} a plan for zanzibar {}", "word ".repeat(100), "word ".repeat(100));
    let (text, marks) = marked(&far, "zanzibar plan");
    assert!(text.starts_with("…word ") && text.ends_with('…') && text.chars().count() <= 202, "{text}");
    assert_eq!(marks, ["plan", "zanzibar"]);
}

#[test]
fn only_so_much_of_a_text_is_indexed() {
    let text = "é".repeat(limits::SEARCH_TEXT_BYTES);
    assert_eq!(indexed(text).len(), limits::SEARCH_TEXT_BYTES);
    assert_eq!(
        indexed(format!("x{}", "é".repeat(limits::SEARCH_TEXT_BYTES))).len(),
        limits::SEARCH_TEXT_BYTES - 1
    );
}

/// `cargo test --release --lib search::tests::among_10_000 -- --ignored --nocapture`
#[test]
#[ignore = "measures, and wants a quiet machine"]
fn among_10_000_documents_a_query_takes_less_than_50_ms() {
    use rand::{Rng, SeedableRng, rngs::StdRng};
    const SEED: u64 = 17;
    println!("seed {SEED}");
    let mut random = StdRng::seed_from_u64(SEED);
    // Zipf's law, near enough: the word of rank r is as likely as 1/r.
    let word = |random: &mut StdRng| {
        let rank = 20_000_f64.powf(random.random::<f64>()) as u64;
        format!("{}{rank}", ["la", "be", "so", "mi", "tu", "ra", "ko"][rank as usize % 7])
    };
    let mut shelf = Shelf::of(&[]);
    let mut number = 0;
    let made = std::time::Instant::now();
    for _ in 0..100 {
        let mut batch = Vec::new();
        for _ in 0..100 {
            number += 1;
            let (length, mut text) = (random.random_range(1000..3000), String::new());
            while text.len() < length {
                text.push_str(&word(&mut random));
                text.push(' ');
            }
            batch.push(document(number, &word(&mut random), &text));
        }
        shelf.index.put(&batch).expect("room");
    }
    println!("indexed in {:?}", made.elapsed());
    let mut times = Vec::new();
    for at in 0..200 {
        let words: Vec<String> = (0..1 + at % 3).map(|_| word(&mut random)).collect();
        let query = Query::parse(&words.join(" "));
        let began = std::time::Instant::now();
        for hit in shelf.search.find(&query, 0, 21).expect("an answer") {
            shelf.search.snippet(&query, hit.number).expect("a snippet");
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    println!("p50 {:?}, p95 {:?}, p99 {:?}", times[100], times[190], times[198]);
    for dear in ["l b s m t r k", "a", "l"] {
        let began = std::time::Instant::now();
        let hits = shelf.search.find(&Query::parse(dear), 0, 21).expect("an answer");
        println!("{dear:?}: {} hits in {:?}", hits.len(), began.elapsed());
    }
    assert!(times[190] <= std::time::Duration::from_millis(50));
}
