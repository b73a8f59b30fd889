"""The rules for code blocks that CONTRIBUTING.md gives to those who write pages."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from .blocks import Fate, PageError, read_page
from .run import Run
from .test_pages import PAGES


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


@pytest.fixture
def run(page: Path, tmp_path: Path) -> Run:
    (tmp_path / "run").mkdir()
    return Run(page, tmp_path / "run")


def test_every_python_and_shell_block_is_run_or_says_why_not() -> None:
    """Issue 15: every Python and shell block of README and docs runs in a test."""
    blocks = [block for page in PAGES for block in read_page(page)]
    code = [block for block in blocks if block.language in ("python", "shell")]
    assert len(code) > 20
    for block in code:
        is_file = block.fate is Fate.SAVED
        assert block.fate is Fate.RUN or is_file or block.reason, block


def test_blocks_of_one_language_share_names_and_files(page: Path, run: Run) -> None:
    """A reader has one terminal, one prompt and one folder."""
    page.write_text(
        dedent(
            """\
            ```{code-block} python
            :caption: numbers/one.py

            ONE = 2
            ```
            <!-- file: numbers/one.py -->
            ```python
            ONE = 1
            ```
            <!-- setup: shell
            name=numbers
            -->
            - ```shell
              ls $name/one.py
              ```
            ```python
            from numbers.one import ONE
            ```
            ````{note}
            ```python
            assert ONE == 1 and __import__("os").listdir(".") == ["numbers"]
            ```
            ````
            """
        ).replace("numbers", "counted")
    )
    run.run()


def test_a_page_can_go_on_from_a_file_of_another(page: Path, run: Run) -> None:
    """A reader saved it there, and what is shown once is not shown again."""
    other = page.with_name("other.md")
    other.write_text("<!-- file: one.py -->\n```python\nPORT = 8000\n```\n")
    page.write_text(
        "<!-- from: other.md one.py -->\n"
        "```python\nfrom one import PORT\nassert PORT == 8000\n```\n"
    )
    run.run()


@pytest.mark.parametrize(
    ("language", "code", "shown"),
    [
        ("python", "1 / 0", r'4/page.md", line 4'),
        ("shell", "false", "4/page.md:4: exit code 1"),
        ("shell", "sleep 600 &", "no server listens"),
    ],
)
def test_a_block_that_fails_fails_the_page(
    language: str, code: str, shown: str, page: Path, run: Run, short_waits: None
) -> None:
    """The report names the line of the page."""
    page.write_text(f"# Page\n\n```{language}\n{code}\n```\n")
    with pytest.raises(pytest.fail.Exception, match=shown):
        run.run()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.run.START_TIMEOUT", 1)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("```\nls\n```", "page.md:1: got a block of no language"),
        ("text\n\n    ls\n", "page.md:3: got a block of no language"),
        ("```sh\nls\n```", "page.md:1: got a block of sh"),
        ("<!-- not run: -->\n```shell\nls\n```", "page.md:2: `not run` needs a reason"),
        ("<!-- not run: because -->\nText.", "a code block must follow"),
        ("<!-- not run: because -->", "a code block must follow"),
        ("<!-- from: page-2.md a.py -->", "page.md:1: 'page-2.md' has no block for"),
        ("<!-- setup: ruby\nputs\n-->", "write `setup: python` or `setup: shell`"),
    ],
)
def test_a_block_that_nobody_would_run_is_an_error(
    text: str, wrong: str, page: Path
) -> None:
    """A typing mistake would leave a block untested, and nobody would see it."""
    page.write_text(text)
    with pytest.raises(PageError, match=wrong):
        read_page(page)


def test_a_server_ends_with_its_page(page: Path, run: Run, tmp_path: Path) -> None:
    """Pages start servers, with a `&` at the end of the line."""
    page.write_text("```shell\npython -m http.server --bind 127.0.0.1 8000 &\n```\n")
    run.run()
    assert run.listening() == set()
