"""docs/editors.md says what the adapters say."""

from pathlib import Path

from twopop.flavours import fidelity_page

PAGE = Path(__file__).parents[2] / "docs/editors.md"


def test_the_table_is_what_the_adapters_say():
    _, _, rest = PAGE.read_text("utf-8").partition("<!-- table -->\n")
    assert rest.partition("<!-- end -->")[0] == fidelity_page(), "write fidelity_page() between the two comments"
