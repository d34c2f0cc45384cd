//! Every resource of a list, page after page.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::send::Sender;
use crate::client::Call;

/// Resources of one page.
const COUNT: usize = 100;

/// Reads the list that `call` asks for to its end (RFC 7644 §3.4.2.4). Nothing may change in the
/// meantime; a resource that comes twice is an error, since then another one may be missing.
pub(super) async fn list(sender: &Sender<'_>, call: &Call) -> Result<Vec<Value>> {
    let mut resources = Vec::new();
    let mut ids = BTreeSet::new();
    loop {
        let start = resources.len() + 1;
        let call = call
            .clone()
            .with_query(format!("startIndex={start}&count={COUNT}"));
        let answer = sender.send(&call).await?;
        ensure!(answer.status == 200, "{call}{answer}");
        let mut page = answer.json()?;
        let total = page["totalResults"].as_u64();
        let total = total.with_context(|| format!("{call}totalResults is no number"))?;
        let found = match page["Resources"].take() {
            Value::Array(found) => found,
            _ => Vec::new(),
        };
        for resource in &found {
            let id = resource["id"].as_str();
            let id = id.with_context(|| format!("{call}a resource has no id"))?;
            ensure!(ids.insert(id.to_owned()), "{call}{id} is on two pages");
        }
        let last = found.is_empty();
        resources.extend(found);
        if resources.len() as u64 >= total {
            return Ok(resources);
        }
        ensure!(
            !last,
            "{call}{total} were promised, {} came",
            resources.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulate::scripted::{Line, Scripted};

    async fn read<const N: usize>(pages: [Value; N]) -> String {
        let (server, client) = Scripted::start(pages.map(|page| Line::Answer(200, page))).await;
        let sender = Sender::new(&client, 0);
        let read = list(&sender, &Call::new("GET", "/Users")).await;
        server.asked();
        match read {
            Ok(resources) => format!("{} resources", resources.len()),
            Err(error) => format!("{error:#}"),
        }
    }

    macro_rules! check {
        ([$($page:tt),*], @$shown:literal) => {
            insta::assert_snapshot!(read([$(json!($page)),*]).await, @$shown)
        };
    }

    #[tokio::test]
    async fn to_the_end() {
        check!([{"totalResults": 0}], @"0 resources");
        check!([
            {"totalResults": 3, "Resources": [{"id": "1"}, {"id": "2"}]},
            {"totalResults": 3, "Resources": [{"id": "3"}]}
        ], @"3 resources");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_list() {
        check!([{"totalResults": "2"}], @r#"
        > GET /Users?startIndex=1&count=100 (as idp)
        totalResults is no number
        "#);
        check!([{"totalResults": 1, "Resources": [{}]}], @r#"
        > GET /Users?startIndex=1&count=100 (as idp)
        a resource has no id
        "#);
        check!([
            {"totalResults": 3, "Resources": [{"id": "1"}, {"id": "2"}]},
            {"totalResults": 3, "Resources": [{"id": "2"}]}
        ], @r#"
        > GET /Users?startIndex=3&count=100 (as idp)
        2 is on two pages
        "#);
        check!([
            {"totalResults": 2, "Resources": [{"id": "1"}]},
            {"totalResults": 2, "Resources": []}
        ], @r#"
        > GET /Users?startIndex=2&count=100 (as idp)
        2 were promised, 1 came
        "#);
    }
}
