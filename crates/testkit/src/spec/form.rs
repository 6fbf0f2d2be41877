//! Form bodies and query strings: bracketed keys, repeated keys, multipart.

use super::node::Node;
use super::report::Problem;

/// How deep a bracketed key may nest.
const DEEPEST: usize = 16;

/// `a[b][c]=1&items[0][price]=p&expand[]=x` as a tree. Lists stay maps with the keys `0..n` or empty keys, because
/// only the description knows whether `metadata[0]` is an item or a name.
pub(super) fn tree<'a>(
    pairs: impl IntoIterator<Item = &'a (String, String)>,
    problems: &mut Vec<Problem>,
) -> Vec<(String, Node)> {
    let mut root = Vec::new();
    for (key, value) in pairs {
        let Some(steps) = steps(key) else {
            problems.push(Problem::new(key, "form", "the brackets of the key are not balanced, or too deep"));
            continue;
        };
        if !insert(&mut root, &steps, value) {
            problems.push(Problem::new(key, "form", "the key is given both as a value and as an object"));
        }
    }
    root
}

/// The name before the first bracket.
pub(super) fn base(key: &str) -> &str {
    key.split('[').next().unwrap_or(key)
}

fn steps(key: &str) -> Option<Vec<&str>> {
    let name = base(key);
    let mut steps = vec![name];
    let mut rest = key.get(name.len()..)?;
    while let Some(inner) = rest.strip_prefix('[') {
        let (step, after) = inner.split_once(']')?;
        steps.push(step);
        rest = after;
    }
    (rest.is_empty() && !name.is_empty() && steps.len() <= DEEPEST).then_some(steps)
}

fn insert(entries: &mut Vec<(String, Node)>, steps: &[&str], value: &str) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return false;
    };
    let Some(next) = rest.first() else {
        // A repeated key stays repeated; the schema check reports it. `a[]` repeats by design.
        let clash =
            !step.is_empty() && entries.iter().any(|(key, node)| key == step && matches!(node, Node::Map(_)));
        entries.push(((*step).to_owned(), Node::Text(value.to_owned())));
        return !clash;
    };
    // `items[][price]=a&items[][quantity]=1`: the same item until one of its keys comes again.
    let same_item = |node: &Node| match node {
        Node::Map(children) => {
            !step.is_empty() || next.is_empty() || !children.iter().any(|(key, _)| key == next)
        }
        _ => true,
    };
    match entries.iter_mut().rfind(|(key, _)| key == step) {
        Some((_, node)) if same_item(node) => match node {
            Node::Map(children) => insert(children, rest, value),
            _ => false,
        },
        _ => {
            let mut children = Vec::new();
            let fine = insert(&mut children, rest, value);
            entries.push(((*step).to_owned(), Node::Map(children)));
            fine
        }
    }
}

/// Names and contents of a `multipart/form-data` body. A file's bytes become replacement characters where they are
/// not text: descriptions say nothing about them but `format: binary`.
pub(super) fn multipart(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let boundary = content_type
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="))
        .map(|boundary| boundary.trim_matches('"'))
        .filter(|boundary| !boundary.is_empty())
        .ok_or("multipart/form-data without a boundary")?;
    let text = String::from_utf8_lossy(body);
    let delimiter = format!("--{boundary}");
    let (inside, _) = text.rsplit_once(&format!("{delimiter}--")).ok_or("the last boundary is missing")?;
    inside
        .split(delimiter.as_str())
        .skip(1)
        .map(|part| {
            let part = part.strip_prefix("\r\n").or_else(|| part.strip_prefix('\n')).unwrap_or(part);
            let (head, content) = part
                .split_once("\r\n\r\n")
                .or_else(|| part.split_once("\n\n"))
                .ok_or("a part has no blank line")?;
            let name = head
                .split([';', '\n'])
                .find_map(|item| item.trim().strip_prefix("name=\""))
                .and_then(|name| name.split('"').next())
                .ok_or("a part has no name")?;
            let content = content.strip_suffix('\n').unwrap_or(content);
            Ok((name.to_owned(), content.strip_suffix('\r').unwrap_or(content).to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::http_message::pairs;
    use super::*;

    fn read(text: &str) -> (String, usize) {
        let mut problems = Vec::new();
        let tree = tree(&pairs(text).unwrap(), &mut problems);
        (Node::Map(tree).spelled(), problems.len())
    }

    #[test]
    fn nested_indexed_and_pushed_keys() {
        assert_eq!(read("a[b][c]=1&a[b][d]=2"), read("a[b][d]=2&a[b][c]=1"));
        let items =
            tree(&pairs("i[][p]=a&i[][q]=1&i[][p]=b&e[]=x&e[]=y&n[1]=b&n[0]=a").unwrap(), &mut Vec::new());
        let lists: Vec<_> = items.iter().map(|(_, node)| node.items().unwrap()).collect();
        assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
        assert_eq!(lists[2].iter().map(|node| node.spelled()).collect::<String>(), "ab");
        assert_eq!(lists[0][0].spelled(), read("p=a&q=1").0);
    }

    #[test]
    fn gaps_are_no_list() {
        let entries = tree(&pairs("i[0]=a&i[2]=b").unwrap(), &mut Vec::new());
        assert!(entries[0].1.items().is_none());
    }

    #[test]
    fn broken_keys_are_reported() {
        for text in ["a[b=1", "[a]=1", "a[b]c=1", "a=1&a[b]=2", "a[b]=2&a=1"] {
            assert_eq!(read(text).1, 1, "{text}");
        }
    }

    #[test]
    fn multipart_fields() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\xff\xfe\r\n--x--\r\n";
        let fields = multipart("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(fields[0], ("purpose".to_owned(), "dispute_evidence".to_owned()));
        assert_eq!(fields[1].0, "file");
        assert!(multipart("multipart/form-data", body).is_err());
    }
}
