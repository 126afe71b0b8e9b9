//! Files as people write them, and what is wrong with those that can't be used.

use std::fs;

use super::*;

fn read_as(name: &str, content: impl AsRef<[u8]>) -> Result<Vec<Entry>, String> {
    content_as(name, content).map(|content| content.entries)
}

fn content_as(name: &str, content: impl AsRef<[u8]>) -> Result<Content, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    read(&path).map_err(|error| error.with_cause())
}

fn entry(question: &str, also: Vec<String>, answer: &str) -> Entry {
    Entry::new(question, also, answer).unwrap()
}

fn expected() -> Vec<Entry> {
    vec![
        entry(
            "怎么退货？",
            vec!["能退吗".into(), "退货流程".into()],
            "七天内可退，\n在订单页申请。",
        ),
        entry("几点营业？", vec![], "9:00 到 21:00"),
    ]
}

const ROWS: &str =
    "怎么退货？,\"七天内可退，\n在订单页申请。\",能退吗|退货流程\n\n几点营业？,9:00 到 21:00\n";

#[test]
fn a_sheet_has_a_heading_or_none() {
    assert_eq!(read_as("a.csv", ROWS).unwrap(), expected());
    for heading in
        ["question,answer,also\n", "\u{feff}问题,答案,其他问法\r\n", " 标准问题 ,回答,相似问法\n"]
    {
        assert_eq!(read_as("a.csv", format!("{heading}{ROWS}")).unwrap(), expected(), "{heading}");
    }
    let turned = "also,id,answer,question\n,7,9:00 到 21:00,几点营业？\n";
    assert_eq!(read_as("a.csv", turned).unwrap(), expected()[1..]);
}

#[test]
fn a_sheet_may_be_in_gbk_as_spreadsheets_write_it() {
    let (bytes, _, _) = encoding_rs::GBK.encode(ROWS);
    assert_eq!(read_as("a.csv", bytes).unwrap(), expected());
}

/// As spreadsheets save and copy it, and as people head it.
#[test]
fn a_sheet_may_be_as_a_spreadsheet_saves_it() {
    let rows = |separator: &str, heading: &str| {
        let rows = ROWS
            .replace("？,", &format!("？{separator}"))
            .replace("\",能", &format!("\"{separator}能"));
        format!("{}{rows}", heading.replace(',', separator))
    };
    for separator in [",", ";", "\t"] {
        for heading in ["", "问,答,其他问法\n", "问题,回答,相似问法\n", "提问,答复,其它问法\n"]
        {
            let sheet = rows(separator, heading);
            assert_eq!(read_as("a.CSV", &sheet).unwrap(), expected(), "{sheet}");
            let marked =
                format!("\u{feff}{}", sheet.replace('\n', "\r\n").replace("，\r\n", "，\n"));
            assert_eq!(read_as("a.csv", &marked).unwrap(), expected(), "{marked}");
            let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read_as("a.csv", utf16).unwrap(), expected(), "{marked}");
        }
    }
    let told = format!("sep=;\r\n{}", rows(";", ""));
    assert_eq!(read_as("a.csv", told).unwrap(), expected());
    let commas = "几点营业？\t9:00, 到 21:00\n";
    assert_eq!(read_as("a.csv", commas).unwrap(), [entry("几点营业？", vec![], "9:00, 到 21:00")]);
}

#[test]
fn what_is_no_ordinary_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| read(path).unwrap_err().with_cause();
    let inside = folder.path().join("a.csv");
    fs::create_dir(&inside).unwrap();
    assert!(error(&inside).ends_with("can't be read: it is a folder, not a file"));
    let endless = folder.path().join("b.csv");
    std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
    let expected = "can't be read: it is a pipe, a socket or a device, not a file";
    assert!(error(&endless).ends_with(expected), "{}", error(&endless));
}

#[test]
fn markdown_has_a_heading_for_each_question() {
    let text = "# 常见问题\n\n随便写点什么。\n\n## 怎么退货？\n> 能退吗\n> 退货流程\n\n七天内可退，\n\
                在订单页申请。\n\n### 几点营业？\n\n9:00 到 21:00\n";
    assert_eq!(read_as("a.md", text).unwrap(), expected());
}

#[test]
fn an_answer_in_markdown_becomes_what_wechat_shows() {
    let text = "## 官网\n**请看**[这里](https://example.com/a?b=1)\n* 一\n> 二\n";
    let answer = "请看<a href=\"https://example.com/a?b=1\">这里</a>\n* 一\n> 二";
    assert_eq!(read_as("a.md", text).unwrap(), [entry("官网", vec![], answer)]);
}

#[test]
fn toml_has_any_kind_of_reply() {
    let text = "[[entries]]\nquestion = '怎么退货？'\nalso = ['能退吗', '退货流程']\n\
                reply = \"七天内可退，\\n在订单页申请。\"\n\
                [[entries]]\nquestion = '几点营业？'\nreply = '9:00 到 21:00'\n";
    assert_eq!(read_as("a.toml", text).unwrap(), expected());
    let image = "entries = [{ question = '地图', reply = { image = 'MAP' } }]";
    assert!(read_as("a.toml", image).is_ok());
}

#[test]
fn what_cannot_be_used_says_where_and_why() {
    let table: [(&str, &[u8], &str); 17] = [
        ("a.txt", b"x", "its name has to end with .csv, .md or .toml"),
        ("a.csv", b"", "there is no question in it"),
        ("a.csv", b"q,a\nq,\n", "row 2 has no question or no answer"),
        ("a.csv", b"q,\xff\xff\xff\n", "it is neither UTF-8 nor GBK"),
        ("a.csv", b"q,\xff\xff\xff\n", "save it as CSV UTF-8 (另存为"),
        ("a.xlsx", b"PK\x03\x04", "a workbook can't be read: save it as CSV UTF-8"),
        ("a.csv", b"PK\x03\x04x", "it is a workbook under another name: save it as CSV UTF-8"),
        (
            "a.csv",
            "问题,内容\nq,a\n".as_bytes(),
            "the heading has no column for the answer: call it",
        ),
        ("a.csv", "类别,答案\nq,a\n".as_bytes(), "the heading has no column for the question"),
        ("a.csv", "价格，99\n".as_bytes(), "between cells is an ASCII comma, not `，`"),
        (
            "a.md",
            b"# title\n## q\n\n## r\nanswer\n",
            "the heading of line 2 has no question or no answer",
        ),
        ("a.toml", b"entries = [{ question = 'q' }]", "missing field `reply`"),
        ("a.toml", b"entries = [{ question = ' ', reply = 'a' }]", "entry 1 has no question"),
        ("a.toml", b"entry = []", "unknown field `entry`"),
        ("a.csv", b"q,{{ message.txt }}\n", "row 1: {{ message.txt }}: message has no txt"),
        (
            "a.md",
            b"## q\n{{ message.txt }}\n",
            "the heading of line 1: {{ message.txt }}: message has",
        ),
        ("a.toml", b"entries = [{ question = 'q', reply = '{{' }]", "{{ in line 1 of the template"),
    ];
    for (name, content, expected) in table {
        let error = read_as(name, content).unwrap_err();
        assert!(error.contains(expected) && error.contains(name), "{name}: {error}");
    }
    let error = read(Path::new("nowhere.csv")).unwrap_err().with_cause();
    assert!(error.contains("`nowhere.csv`: can't be read: No such file"), "{error}");
}

/// It would take all rows below for its answer, or all down to the next cell that has quotes.
#[test]
fn a_quote_that_is_not_closed_is_an_error() {
    let heading = "问题,答案\n";
    let table = [
        ("怎么退货？,\"七天\n几点营业？,九点\n", 2),
        ("几点营业？,九点\n\n\"怎么退货？,七天", 4),
        ("怎么退货？,\"七天\n几点营业？,\"九点\"\n发票,在这里\n", 2),
        ("几点营业？,\"九\n点\"\n怎么退货？,\"七天\"\"\n", 4),
    ];
    for (rows, line) in table {
        for (start, line) in [(heading, line), ("sep=,\r\n问题,答案\r\n", line + 1)] {
            let error = read_as("a.csv", format!("{start}{rows}")).unwrap_err();
            let expected = format!("a.csv`: line {line}: the quote `\"` is not closed");
            assert!(error.contains(&expected), "{rows}: {error}");
        }
    }
    for closed in ["q,\"a\n\"\"b\"\" c\" \n", "q,\"a\" b\n", "q,5\" b\n", "q,\"a\nb\""] {
        assert!(read_as("a.csv", closed).is_ok(), "{closed}");
    }
}

#[test]
fn a_cell_behind_the_last_column_is_a_warning() {
    let table = [
        ("问题,答案,其他问法\n\n怎么退货？,\"七,天\",能退吗,退货流程\n", "line 3: there are"),
        ("sep=;\n怎么退货？;七天;能退吗;退货流程\nb;b\n", "line 2: there are more cells"),
        ("问题,答案\na,b\n\nb,b,c\nc,d,,e\n", "line 4 (and in 1 more rows): there are"),
    ];
    for (content, expected) in table {
        let warnings = content_as("a.csv", content).unwrap().warnings;
        let [warning] = &*warnings else { panic!("{content}: {warnings:?}") };
        assert!(warning.contains(expected) && warning.contains("a.csv`"), "{warning}");
        assert!(warning.contains("other wordings are separated by `|`"), "{warning}");
    }
    for fine in ["问题,答案\na,b,,\n", "id,问题,答案,备注\n1,a,b,c\n", "a,b,c\n"] {
        assert_eq!(content_as("a.csv", fine).unwrap().warnings, [""; 0], "{fine}");
    }
}
