from idp_sandbox.bankid.markdown import markdown_html, plain_html
from idp_tests.cases import each


@each(
    "text, html",
    [
        ("# Ett", "<h3>Ett</h3>"),
        ("### Tre", "<h5>Tre</h5>"),
        ("*a* och **b**", "<p><em>a</em> och <strong>b</strong></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("a\r\nb\rc", "<p>a<br>b<br>c</p>"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        (
            "| a | b |\n|---|---|\n| c | d |",
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        ),
        ("<b onclick=x>&", "<p>&lt;b onclick=x&gt;&amp;</p>"),
        ("[l](http://x) ![i](http://x)", "<p>[l](http://x) ![i](http://x)</p>"),
        ("# <script>", "<h3>&lt;script&gt;</h3>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    ],
)
def test_markdown_becomes_safe_html(text: str, html: str) -> None:
    assert markdown_html(text) == html


def test_plain_text_keeps_its_lines_and_nothing_else() -> None:
    assert plain_html("a\r\nb\rc\n\n*d* <e>") == "a<br>b<br>c<br><br>*d* &lt;e&gt;"
