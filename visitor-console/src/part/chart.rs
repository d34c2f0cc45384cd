//! What happened over time, drawn here: bars for each day, and the same numbers as a table for those who do not
//! see them.

use askama::Template;

pub(crate) const WIDTH: u64 = 640;
const HEIGHT: u64 = 160;
/// Room for what stands beside and below.
pub(crate) const LEFT: u64 = 40;
const BOTTOM: u64 = 20;
/// All of it.
pub(crate) const WHOLE_HEIGHT: u64 = HEIGHT + BOTTOM;

/// Several numbers for each of some days.
#[derive(Template)]
#[template(path = "part/chart.html")]
pub(crate) struct Chart {
    id: &'static str,
    title: String,
    days: Vec<String>,
    series: Vec<Series>,
}

/// What is counted.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) counts: Vec<u64>,
}

/// A piece of the drawing.
struct Bar {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
    series: usize,
    said: String,
}

/// A line across it.
struct Mark {
    y: u64,
    text: u64,
}

impl Chart {
    pub(crate) fn new(
        id: &'static str,
        title: &str,
        days: Vec<String>,
        series: Vec<Series>,
    ) -> Chart {
        Chart {
            id,
            title: title.to_owned(),
            days,
            series,
        }
    }

    /// The top of the scale: a number that is easily read.
    fn top(&self) -> u64 {
        let sums = (0..self.days.len()).map(|day| self.sum(day));
        let most = sums.max().unwrap_or_default().max(4);
        let mut step = 1;
        loop {
            for factor in [1, 2, 5] {
                if step * factor * 4 >= most {
                    return step * factor * 4;
                }
            }
            step *= 10;
        }
    }

    fn sum(&self, day: usize) -> u64 {
        let counts = self.series.iter();
        counts.filter_map(|series| series.counts.get(day)).sum()
    }

    fn marks(&self) -> Vec<Mark> {
        let top = self.top();
        let marks = [0, 1, 2, 3, 4].into_iter();
        marks
            .map(|quarter| Mark {
                y: HEIGHT - quarter * (HEIGHT - 10) / 4,
                text: top * quarter / 4,
            })
            .collect()
    }

    fn slot(&self) -> u64 {
        (WIDTH - LEFT) / (self.days.len().max(1) as u64)
    }

    /// The same numbers, day by day.
    fn rows(&self) -> Vec<(&str, Vec<u64>)> {
        let days = self.days.iter().enumerate();
        days.map(|(day, name)| {
            let counts = self.series.iter();
            let counts = counts.map(|series| series.counts.get(day).copied().unwrap_or_default());
            (name.as_str(), counts.collect())
        })
        .collect()
    }

    /// Names of days, as many as have room.
    fn names(&self) -> Vec<(u64, &str)> {
        let every = self.days.len().div_ceil(7).max(1);
        let days = self.days.iter().enumerate();
        let named = days.filter(|(day, _)| (self.days.len() - 1 - day).is_multiple_of(every));
        named
            .map(|(day, name)| {
                (
                    LEFT + day as u64 * self.slot() + self.slot() / 2,
                    name.as_str(),
                )
            })
            .collect()
    }

    fn bars(&self) -> Vec<Bar> {
        let (top, slot) = (self.top(), self.slot());
        let mut bars = Vec::new();
        for (day, name) in self.days.iter().enumerate() {
            let mut y = HEIGHT;
            for (number, series) in self.series.iter().enumerate() {
                let count = series.counts.get(day).copied().unwrap_or_default();
                if count == 0 {
                    continue;
                }
                // What is there is seen, however little it is.
                let height = (count * (HEIGHT - 10) / top).max(1);
                y = y.saturating_sub(height);
                bars.push(Bar {
                    x: LEFT + day as u64 * slot + slot / 6,
                    y,
                    width: slot - slot / 3,
                    height,
                    series: number,
                    said: format!("{name}: {count} {}", series.name),
                });
            }
        }
        bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_easily_read() {
        let top = |count| {
            let series = Series {
                name: "created",
                counts: vec![count],
            };
            Chart::new("c", "C", vec!["1 Jan".to_owned()], vec![series]).top()
        };
        assert_eq!(
            [0, 3, 5, 17, 99, 100_000].map(top),
            [4, 4, 8, 20, 200, 200_000]
        );
    }

    #[test]
    fn bars_stand_on_each_other() {
        let created = Series {
            name: "created",
            counts: vec![2, 0],
        };
        let hidden = Series {
            name: "hidden",
            counts: vec![2, 1],
        };
        let days = vec!["1 Jan".to_owned(), "2 Jan".to_owned()];
        let chart = Chart::new("c", "C", days, vec![created, hidden]);
        let bars: Vec<String> = chart
            .bars()
            .iter()
            .map(|bar| {
                format!(
                    "{} at {},{} of {}x{}",
                    bar.said, bar.x, bar.y, bar.width, bar.height
                )
            })
            .collect();
        insta::assert_snapshot!(bars.join("\n"), @r"
        1 Jan: 2 created at 90,85 of 200x75
        1 Jan: 2 hidden at 90,10 of 200x75
        2 Jan: 1 hidden at 390,123 of 200x37
        ");
    }
}
