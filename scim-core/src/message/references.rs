//! What the operations of a bulk request refer to, and in which order they can
//! be done (RFC 7644 §3.7.1 and §3.7.2).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::bulk::{BulkMethod, BulkOperation, BulkRequest};

const PREFIX: &str = "bulkId:";

impl BulkRequest {
    /// The order in which the operations can be done: each step after those
    /// that make what it refers to, otherwise as they were sent.
    ///
    /// A step is one operation, by its place in the request, or several that
    /// refer to each other in a circle and can only be done together.
    ///
    /// ```
    /// use scim_core::message::BulkRequest;
    /// use serde_json::json;
    ///
    /// let post = |id: &str, member: &str| json!({
    ///     "method": "POST", "path": "/Groups", "bulkId": id,
    ///     "data": {"displayName": id, "members": [{"value": member}]},
    /// });
    /// let bulk = BulkRequest::parse(json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    ///     "Operations": [post("a", "bulkId:b"), post("b", "bulkId:c"), post("c", "bulkId:b")],
    /// }), 1_000)?;
    /// assert_eq!(bulk.steps(), [vec![1, 2], vec![0]]);
    /// # Ok::<(), scim_core::Error>(())
    /// ```
    pub fn steps(&self) -> Vec<Vec<usize>> {
        let made: HashMap<&str, usize> = self
            .operations
            .iter()
            .enumerate()
            .filter(|(_, operation)| operation.method == BulkMethod::Post)
            .filter_map(|(place, operation)| Some((operation.bulk_id.as_deref()?, place)))
            .collect();
        let needs = self.operations.iter().map(|operation| {
            let names = operation.references();
            let places = names.iter().filter_map(|name| made.get(name).copied());
            places.collect()
        });
        circles(&needs.collect::<Vec<Vec<usize>>>())
    }
}

impl BulkOperation {
    /// The bulkIds that the path and the data name.
    pub fn references(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.path.split('/').filter_map(name).collect();
        let mut rest: Vec<&Value> = self.data.iter().collect();
        while let Some(value) = rest.pop() {
            match value {
                Value::String(text) => names.extend(name(text)),
                Value::Array(items) => rest.extend(items),
                Value::Object(map) => rest.extend(map.values()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        names
    }

    /// The operation with ids where it names bulkIds. The error is a bulkId
    /// for which there is no id.
    pub fn resolved(&self, id_of: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let found = |text: &str| match name(text) {
            Some(name) => id_of(name).ok_or_else(|| name.to_owned()),
            None => Ok(text.to_owned()),
        };
        let path: Result<Vec<String>, String> = self.path.split('/').map(found).collect();
        let data = self.data.as_ref().map(|data| replaced(data, &found));
        Ok(Self {
            path: path?.join("/"),
            data: data.transpose()?,
            ..self.clone()
        })
    }

    /// The data without the values that name a bulkId for which there is no id
    /// yet; `None` if all of it can be said now.
    ///
    /// An array loses the element, and an object the attribute, in which the
    /// name stands.
    pub fn data_without(&self, is_unmade: &dyn Fn(&str) -> bool) -> Option<Value> {
        let map = self.data.as_ref()?.as_object()?;
        let kept: Map<String, Value> = map
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), without(value, is_unmade)?)))
            .collect();
        (kept != *map).then_some(Value::Object(kept))
    }
}

fn name(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

fn replaced(
    value: &Value,
    found: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(found(text)?),
        Value::Array(items) => {
            let items: Result<_, String> = items.iter().map(|item| replaced(item, found)).collect();
            Value::Array(items?)
        }
        Value::Object(map) => {
            let members = map.iter();
            let members: Result<_, String> = members
                .map(|(key, value)| Ok((key.clone(), replaced(value, found)?)))
                .collect();
            Value::Object(members?)
        }
        other => other.clone(),
    })
}

fn without(value: &Value, is_unmade: &dyn Fn(&str) -> bool) -> Option<Value> {
    let unmade = |value: &Value| value.as_str().and_then(name).is_some_and(is_unmade);
    match value {
        Value::Array(items) => {
            let items = items.iter().filter_map(|item| without(item, is_unmade));
            Some(items.collect())
        }
        Value::Object(map) if map.values().any(unmade) => None,
        Value::Object(map) => {
            let members = map
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), without(value, is_unmade)?)));
            Some(Value::Object(members.collect()))
        }
        other => (!unmade(other)).then(|| other.clone()),
    }
}

/// The strongly connected components of a graph, each after those it needs:
/// Tarjan's algorithm, with the stack in a list because a client chooses how
/// deep it gets.
fn circles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        needs,
        nodes: vec![Node::default(); needs.len()],
        met: 0,
        open: Vec::new(),
        found: Vec::new(),
    };
    for start in 0..needs.len() {
        search.from(start);
    }
    search.found
}

struct Search<'n> {
    needs: &'n [Vec<usize>],
    nodes: Vec<Node>,
    met: usize,
    /// Those whose circle is not complete.
    open: Vec<usize>,
    found: Vec<Vec<usize>>,
}

#[derive(Clone, Default)]
struct Node {
    /// As which it was met; 0 as long as it was not.
    met: usize,
    /// The first one met that it leads back to.
    low: usize,
    is_open: bool,
    /// How many of its needs were looked at.
    looked_at: usize,
}

impl Search<'_> {
    /// Follows what a node needs, unless it was met on the way to another one.
    fn from(&mut self, start: usize) {
        if self.nodes.get(start).is_none_or(|node| node.met > 0) {
            return;
        }
        let mut path = vec![start];
        while let Some(&at) = path.last() {
            let Some(node) = self.nodes.get_mut(at) else {
                return;
            };
            if node.met == 0 {
                self.met += 1;
                node.met = self.met;
                node.low = self.met;
                node.is_open = true;
                self.open.push(at);
            }
            let next = self.needs.get(at).and_then(|all| all.get(node.looked_at));
            match next {
                Some(&next) => {
                    node.looked_at += 1;
                    match self.nodes.get(next) {
                        Some(need) if need.met == 0 => path.push(next),
                        Some(need) if need.is_open => self.leads_back(at, need.met),
                        _ => {}
                    }
                }
                None => {
                    path.pop();
                    let low = self.close(at);
                    if let Some(&before) = path.last() {
                        self.leads_back(before, low);
                    }
                }
            }
        }
    }

    fn leads_back(&mut self, at: usize, to: usize) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.low = node.low.min(to);
        }
    }

    /// Takes the circle of a node that all was seen of, if it is the first of
    /// it; says how far back the node leads.
    fn close(&mut self, at: usize) -> usize {
        let (met, low) = self.nodes.get(at).map_or((0, 0), |it| (it.met, it.low));
        if met == low {
            let first = self.open.iter().rposition(|one| *one == at);
            let mut circle = self.open.split_off(first.unwrap_or(self.open.len()));
            for one in &circle {
                if let Some(node) = self.nodes.get_mut(*one) {
                    node.is_open = false;
                }
            }
            circle.sort_unstable();
            self.found.push(circle);
            // What is done leads back to nothing.
            return usize::MAX;
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::circles;
    use crate::message::{BulkMethod, BulkOperation};

    fn operation(path: &str, data: Value) -> BulkOperation {
        BulkOperation {
            method: BulkMethod::Post,
            bulk_id: Some("x".into()),
            version: None,
            path: path.into(),
            data: Some(data),
        }
    }

    #[test]
    fn references_stand_in_values_and_paths() {
        let all = operation(
            "/Users/bulkId:p",
            json!({"a": "bulkId:a", "b": ["bulkId:b", {"value": "bulkId:c"}], "bulkId:k": 1, "d": "x bulkId:d"}),
        );
        let mut names = all.references();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "p"]);
        let resolved = all.resolved(&|name| Some(name.to_uppercase())).unwrap();
        assert_eq!(resolved.path, "/Users/P");
        assert_eq!(
            resolved.data.unwrap(),
            json!({"a": "A", "b": ["B", {"value": "C"}], "bulkId:k": 1, "d": "x bulkId:d"})
        );
        let unknown = all.resolved(&|name| (name != "c").then(String::new));
        assert_eq!(unknown.unwrap_err(), "c");
    }

    #[test]
    fn what_cannot_be_said_yet_is_left_out() {
        let without = |data: Value| {
            let later = operation("/Users", data).data_without(&|name| name == "b");
            later.map_or_else(String::new, |later| later.to_string())
        };
        let check =
            |data: Value, expected: &str| assert_eq!(without(data.clone()), expected, "{data}");
        check(json!({"a": "bulkId:a"}), "");
        check(json!({"a": "bulkId:b", "c": 1}), r#"{"c":1}"#);
        check(
            json!({"members": [{"value": "bulkId:b"}, {"value": "bulkId:a"}, {"value": "1"}]}),
            r#"{"members":[{"value":"bulkId:a"},{"value":"1"}]}"#,
        );
        check(
            json!({"urn:x": {"manager": {"value": "bulkId:b"}, "department": "d"}}),
            r#"{"urn:x":{"department":"d"}}"#,
        );
        check(
            json!({"urn:x": {"manager": "bulkId:b", "n": 1}, "c": 1}),
            r#"{"c":1}"#,
        );
    }

    #[test]
    fn steps() {
        let check = |needs: &[&[usize]], expected: &str| {
            let needs: Vec<Vec<usize>> = needs.iter().map(|all| all.to_vec()).collect();
            assert_eq!(format!("{:?}", circles(&needs)), expected);
        };
        check(&[], "[]");
        check(&[&[], &[], &[]], "[[0], [1], [2]]");
        check(&[&[2], &[], &[]], "[[2], [0], [1]]");
        check(&[&[0]], "[[0]]");
        check(&[&[1], &[0], &[]], "[[0, 1], [2]]");
        check(&[&[1], &[2], &[0, 3], &[]], "[[3], [0, 1, 2]]");
        check(&[&[1, 2], &[0], &[3], &[2]], "[[2, 3], [0, 1]]");
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let last = 100_000;
        let chain: Vec<Vec<usize>> = (0..last).map(|at| vec![(at + 1) % last]).collect();
        assert_eq!(circles(&chain), [(0..last).collect::<Vec<_>>()]);
    }

    proptest! {
        /// Each once; needs come before, or in the same step; and what shares a
        /// step reaches each other.
        #[test]
        fn every_step_has_what_it_needs(
            needs in prop::collection::vec(prop::collection::vec(0..9_usize, 0..3), 1..9)
        ) {
            let size = needs.len();
            let needs: Vec<Vec<usize>> =
                needs.iter().map(|all| all.iter().map(|need| need % size).collect()).collect();
            let steps = circles(&needs);
            let mut step_of = vec![usize::MAX; size];
            for (number, step) in steps.iter().enumerate() {
                for place in step {
                    prop_assert_eq!(step_of[*place], usize::MAX);
                    step_of[*place] = number;
                }
            }
            let mut reaches = vec![vec![false; size]; size];
            for (from, all) in needs.iter().enumerate() {
                for to in all {
                    prop_assert!(step_of[*to] <= step_of[from]);
                    reaches[from][*to] = true;
                }
            }
            for by in 0..size {
                for from in 0..size {
                    for to in 0..size {
                        reaches[from][to] |= reaches[from][by] && reaches[by][to];
                    }
                }
            }
            for from in 0..size {
                for to in (0..size).filter(|to| *to != from) {
                    let together = reaches[from][to] && reaches[to][from];
                    prop_assert_eq!(step_of[from] == step_of[to], together);
                }
            }
        }
    }
}
