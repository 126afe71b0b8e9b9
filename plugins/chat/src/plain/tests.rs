//! Markdown as models write it, and what a phone shows.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(markdown: &str, expected: &str) {
    assert_eq!(plain(markdown, &[]), expected, "{markdown}");
}

#[test]
fn emphasis_and_headings_are_words() {
    check("你好", "你好");
    check("**你好**，*世界* ~~旧~~ `code`", "你好，世界 旧 code");
    check("# 标题\n\n内容\n\n## 二\n内容", "标题\n内容\n\n二\n内容");
    check("一\n二\n\n三", "一\n二\n\n三");
    check("上\n\n---\n\n下", "上\n\n下");
    check("> 引用\n> 两行", "引用\n两行");
}

#[test]
fn emphasis_beside_chinese_punctuation_is_no_emphasis_to_commonmark() {
    check("**第一：**说明", "第一：说明");
    check("他说**“好”**了", "他说“好”了");
    check("2**3 and `a**b**c`", "2**3 and a**b**c");
}

#[test]
fn lists_keep_their_bullets() {
    check("如下：\n\n- 一\n- 二\n  - 三\n- 四\n\n完", "如下：\n• 一\n• 二\n  • 三\n• 四\n\n完");
    check("1. 一\n2. 二\n   两行\n\n3. 三", "1. 一\n2. 二\n  两行\n3. 三");
    check("3. a\n4. b", "3. a\n4. b");
    check("- [x] 做了\n- [ ] 没做", "• ☑ 做了\n• ☐ 没做");
    check("1. 一：\n   ```\n   x = 1\n   ```\n2. 二", "1. 一：\n  x = 1\n2. 二");
}

#[test]
fn code_keeps_its_lines_and_indentation() {
    check(
        "看：\n```python\ndef f():\n    return **1**\n\nf()\n```\n完",
        "看：\n\ndef f():\n    return **1**\n\nf()\n\n完",
    );
}

#[test]
fn links_are_words_and_url() {
    check("见[文档](https://example.com/a_b)。", "见文档 https://example.com/a_b 。");
    check("<https://example.com/>", "https://example.com/");
    check("[https://example.com](https://example.com/)", "https://example.com");
    check("[邮件](mailto:a@example.com)", "邮件 a@example.com");
    check("![图](https://example.com/a.png)", "图 https://example.com/a.png");
    check("[上](#top)", "上");
    check("[a](https://a.com)[b](https://b.com)", "a https://a.com b https://b.com");
}

#[test]
fn tables_are_read_row_by_row() {
    check("| 名 | 价 |\n|---|---|\n| 茶 | 9 |\n| 水 | 2 |", "名：价\n茶：9\n水：2");
    check(
        "| 名 | 价 | 产地 |\n|---|---|---|\n| **茶** | 9 | [杭州](https://a.com) |\n| 水 | | 山 |\n\n完",
        "• 茶\n  价：9\n  产地：杭州 https://a.com\n• 水\n  产地：山\n\n完",
    );
}

#[test]
fn html_is_left_out_and_what_only_looks_like_it_stays() {
    check("一<br>二<br/>三", "一\n二\n三");
    check("<font color=\"red\">红</font><sub>2</sub>", "红2");
    check("用 Vec<String> 吧", "用 Vec<String> 吧");
    check("<a href=\"weixin://x\">点</a>", "点");
    check("a < b && c > d", "a < b && c > d");
    check("<div>\n<p>一</p>\n二\n</div>\n\n三", "一\n二\n\n三");
    check("<!-- hm -->\n一", "一");
    check("&lt;b&gt; &amp;", "<b> &");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd(text in "([-*#>|`\\[\\]()!<>_~]|\n|  |[a你]|1\\. |https://a\\.com){0,60}") {
        plain(&text, &[]);
    }

    #[test]
    fn words_are_kept(words in "[a-z你好。，]{1,20}") {
        prop_assert_eq!(plain(&words, &[]), words);
    }
}
