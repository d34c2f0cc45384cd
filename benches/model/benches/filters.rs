//! How long it takes to read a filter, here and in other crates, and the
//! geometric mean of how much longer it takes here than in the fastest crate
//! that accepts the filter. And how long scim-core takes to print all of them.

use std::hint::black_box;

use criterion::Criterion;
use scim_benches::FILTERS;

type Accepts = fn(&str) -> bool;

/// The crates, ours first.
const CRATES: [(&str, Accepts); 4] = [
    ("scim-core", |text| {
        scim_core::Filter::parse(black_box(text)).is_ok()
    }),
    ("scim_proto", |text| {
        black_box(text)
            .parse::<scim_proto::filter::ScimFilter>()
            .is_ok()
    }),
    ("scim-filter", |text| {
        scim_filter::parser::filter(black_box(text)).is_ok_and(|(rest, _)| rest.is_empty())
    }),
    ("scim_v2", |text| {
        black_box(text).parse::<scim_v2::filter::Filter>().is_ok()
    }),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (number, text) in FILTERS.iter().enumerate() {
        let mut group = criterion.benchmark_group(format!("filter-{number}"));
        for (name, accepts) in CRATES {
            if accepts(text) {
                group.bench_function(name, |bencher| bencher.iter(|| accepts(text)));
            } else {
                println!("{name} refuses {text}");
            }
        }
        group.finish();
    }
    criterion.bench_function("print ten filters", |bencher| {
        let filters = FILTERS.map(|text| scim_core::Filter::parse(text).expect("it is a filter"));
        bencher.iter(|| {
            let printed = filters
                .iter()
                .map(|filter| black_box(filter).to_string().len());
            printed.sum::<usize>()
        });
    });
    criterion.final_summary();
    summary();
}

/// Reads what Criterion wrote down.
fn summary() {
    let mut logarithms = Vec::new();
    for (number, text) in FILTERS.iter().enumerate() {
        let medians = CRATES.map(|(name, accepts)| {
            let known = accepts(text).then(|| median(number, name)).flatten();
            (name, known)
        });
        let fastest = medians
            .iter()
            .filter_map(|(_, median)| *median)
            .fold(f64::MAX, f64::min);
        let shown = medians.map(|(name, median)| match median {
            Some(median) => format!("{name} {median:.0} ns"),
            None => format!("{name} -"),
        });
        println!("{number}: {}", shown.join(", "));
        if let (_, Some(ours)) = medians[0] {
            logarithms.push((ours / fastest).ln());
        }
    }
    if logarithms.is_empty() {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are ten")]
    let mean = (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp();
    println!(
        "scim-core reads {} of {} filters, in {mean:.2} times what the fastest needs",
        logarithms.len(),
        FILTERS.len()
    );
}

fn median(number: usize, name: &str) -> Option<f64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/criterion");
    let file = format!("{folder}/filter-{number}/{name}/new/estimates.json");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    json["median"]["point_estimate"].as_f64()
}
