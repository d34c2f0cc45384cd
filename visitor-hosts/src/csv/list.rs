//! Names in one cell, separated by `;`. A backslash takes what follows it for a part of a name.

/// The cell with these names.
pub(crate) fn join<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut cell = String::new();
    for (place, name) in names.into_iter().enumerate() {
        if place > 0 {
            cell.push(';');
        }
        let trimmed = name.trim();
        let start = name.len() - name.trim_start().len();
        for (at, sign) in name.char_indices() {
            let outside = at < start || at >= start + trimmed.len();
            if sign == ';' || sign == '\\' || outside {
                cell.push('\\');
            }
            cell.push(sign);
        }
    }
    cell
}

/// The names in a cell, each once; spaces around them do not count.
pub(crate) fn split(cell: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut name = Name::default();
    let mut signs = cell.chars();
    while let Some(sign) = signs.next() {
        match sign {
            ';' => std::mem::take(&mut name).end(&mut names),
            '\\' => match signs.next() {
                Some(escaped) => name.push(escaped, true),
                None => name.push('\\', true),
            },
            sign => name.push(sign, !sign.is_whitespace()),
        }
    }
    name.end(&mut names);
    names
}

#[derive(Default)]
struct Name {
    text: String,
    /// Where the last sign ends that counts.
    end: usize,
}

impl Name {
    fn push(&mut self, sign: char, counts: bool) {
        if counts || !self.text.is_empty() {
            self.text.push(sign);
        }
        if counts {
            self.end = self.text.len();
        }
    }

    fn end(mut self, names: &mut Vec<String>) {
        self.text.truncate(self.end);
        if !self.text.is_empty() && !names.contains(&self.text) {
            names.push(self.text);
        }
    }
}
