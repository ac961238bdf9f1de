"""Which files a model is shown: by name, by what tests say, by search, within so many tokens."""

from pathlib import Path

import pytest

from fakes.projects import written
from rungbook import tokens
from rungbook.workspace import search
from rungbook.workspace.listing import Listing
from rungbook.workspace.relevant import Shown, choose
from rungbook.workspace.search import words

FROZEN = ("tests/**",)
TRACE = 'File "tests/test_calc.py", line 9, in test_sum\nAssertionError: 0 != 4\n'
PROJECT = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "shop/prices.py": "from shop.tax import vat\n\n\ndef total(x):\n    return vat(sum(x))\n",
    "shop/tax.py": "RATE = 0.2\n\n\ndef vat(x):\n    return x * RATE\n",
    "shop/__init__.py": "",
    "README.md": "A shop.\n",
    "tests/test_calc.py": "from calc import add\n\n\ndef test_sum():\n    assert add(2, 2) == 4\n",
    "web/cart.ts": "import { round } from './money';\nexport const sum = round;\n",
    "web/money.ts": "export const round = (x: number) => x;\n",
    "web/cart.test.js": "import { sum } from './cart.js';\nrequire('./money');\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return written(tmp_path, PROJECT)


def paths(shown: list[Shown]) -> list[str]:
    return [one.path for one in shown]


@pytest.mark.parametrize(
    ("task", "first"),
    [
        ("calc.py is wrong", "calc.py"),
        ("prices.py is wrong", "shop/prices.py"),
        ("shop.prices.total is wrong", "shop/prices.py"),
        ("see /srv/elsewhere/README.md and web\\money.ts:1", "web/money.ts"),
        ("the RATE is too low", "shop/tax.py"),
        ("Mehrwertsteuer: der RATE-Wert ist falsch", "shop/tax.py"),
        ("`roundUp` in the money module", "web/money.ts"),
    ],
)
def test_the_task_says_where_to_look(tree: Path, task: str, first: str) -> None:
    assert paths(choose(tree, task, "", 4000))[0] == first


def test_what_the_task_names_comes_first_frozen_files_too(tree: Path) -> None:
    named = ("tests/test_calc.py", "README.md", "not/there.py")
    shown = choose(tree, "x", TRACE, 4000, named=named, frozen=FROZEN)
    assert [(one.path, one.frozen) for one in shown] == [
        ("tests/test_calc.py", True),
        ("README.md", False),
        ("calc.py", False),
    ]
    assert all(one.text + "\n" == PROJECT[one.path] and not one.lines for one in shown)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (TRACE, ["calc.py", "tests/test_calc.py"]),
        ("FAILED tests/test_calc.py::test_sum - 0 == 4", ["calc.py", "tests/test_calc.py"]),
        ("ERROR: test_sum (tests.test_calc.Sums.test_sum)", ["calc.py", "tests/test_calc.py"]),
        ("shop/tax.py:5: ZeroDivisionError\n" + TRACE,
         ["shop/tax.py", "calc.py", "tests/test_calc.py"]),
        ("  File \"/usr/lib/python3/calc.py\", line 3", []),
        ("at sum (file://web/cart.ts:2:14)", ["web/cart.ts", "web/money.ts"]),
        ("web/cart.ts(2,14): error TS2304", ["web/cart.ts", "web/money.ts"]),
        ("no file here, 1.5 s. e.g. os.path", []),
    ],
)  # fmt: skip
def test_what_tests_say_and_import(tree: Path, said: str, expected: list[str]) -> None:
    assert paths(choose(tree, "", said, 4000, frozen=FROZEN)) == expected


def test_what_scripts_and_packages_import(tree: Path) -> None:
    listing = Listing.of(tree)
    text = PROJECT["web/cart.test.js"]
    assert listing.imported("web/cart.test.js", text) == ["web/cart.ts", "web/money.ts"]
    assert listing.imported("shop/prices.py", PROJECT["shop/prices.py"]) == ["shop/tax.py"]
    package = "from shop import (\n    tax,\n)\nfrom . import prices\nimport os, shop.tax as t\n"
    assert listing.imported("x.py", package) == [
        "shop/__init__.py",
        "shop/prices.py",
        "shop/tax.py",
    ]
    assert listing.imported("x.py", "import os.path\nfrom ..up import gone\n") == []


def test_places_are_read_from_every_form(tree: Path) -> None:
    said = 'calc.py:2: x\nFile "calc.py", line 7\ncalc.py(9)\ncalc.py:2:5\ncalc.py and shop.tax.vat'
    assert Listing.of(tree).spoken_of(said) == {"calc.py": [2, 7, 9], "shop/tax.py": []}


def test_a_name_that_fits_many_files_says_nothing(tmp_path: Path) -> None:
    written(tmp_path, {f"p{i}/mod.py": "" for i in range(4)} | {"p0/one.py": ""})
    listing = Listing.of(tmp_path)
    assert listing.spoken_of("mod.py and one.py") == {"p0/one.py": []}
    assert listing.spoken_of("p2/mod.py") == {"p2/mod.py": []}


def test_what_is_never_shown(tree: Path) -> None:
    (tree / "outside.py").symlink_to("/etc/hostname")
    (tree / "linked").symlink_to(tree / "shop")
    (tree / "binary.py").write_bytes(b"vat\0")
    (tree / "latin.py").write_bytes("vat é".encode("latin-1"))
    written(tree, {".git/vat.py": "vat", ".env": "vat=1", "vat/.cache/vat.py": "vat"})
    named = ("outside.py", "linked/tax.py", "binary.py", "latin.py", ".git/vat.py")
    assert set(paths(choose(tree, "vat", "", 4000, named=named))) <= {
        "shop/tax.py",
        "shop/prices.py",
    }
    assert paths(choose(tree, "x", "", 4000, named=(".env",))) == [".env"]


LINES = [f"value_{i} = {i}" for i in range(2000)]


def test_of_a_long_file_whole_lines_around_what_matters(tmp_path: Path) -> None:
    lines = [*LINES]
    lines[1500] = "def zebra(): pass"
    written(tmp_path, {"long.py": "\r\n".join(lines)})
    shown = choose(tmp_path, "zebra fails", "long.py:700: Error", 1000, named=("long.py",))
    assert [one.lines.partition("-")[0] for one in shown] == ["1", "688", "1489"]
    for one in shown:
        first, _, last = one.lines.removesuffix(" of 2000").partition("-")
        assert one.text.split("\n") == lines[int(first) - 1 : int(last)]


@pytest.mark.parametrize("most", [0, 100, 300, 1000, 5000, 40_000])
def test_all_that_is_shown_fits(tmp_path: Path, most: int) -> None:
    big = "\n".join(LINES)
    files = {f"m{i}/value.py": big for i in range(9)} | {
        "wide.py": "x" * 100_000,
        "é.py": "é\n" * 900,
    }
    written(tmp_path, files)
    named = ("m1/value.py", "wide.py", "é.py", "m2/value.py")
    shown = choose(tmp_path, "value_3 and value_1999", "m5/value.py:9", most, named=named)
    assert sum(tokens.at_most(one.text) for one in shown) <= most
    assert bool(shown) == (most >= 300)
    if most >= 1000:
        assert {"m1/value.py", "é.py", "m2/value.py"} <= set(paths(shown))


def test_it_is_the_same_each_time(tree: Path) -> None:
    task = "sum total round vat"
    assert choose(tree, task, TRACE, 500) == choose(tree, task, TRACE, 500) != []


def test_words_are_taken_apart() -> None:
    assert words("parseHTTPHeader of tax_rate2 in Fix") == {
        "parsehttpheader": 3.0,
        "parse": 1.0,
        "http": 1.0,
        "header": 1.0,
        "tax_rate2": 3.0,
        "tax": 1.0,
        "rate": 1.0,
        "fix": 1.0,
    }


def test_search_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {f"f{i}.py": "needle\n" * 10 for i in range(20)} | {"z/needle.py": "x\n"})
    monkeypatch.setattr(search, "MOST_BYTES", 200)
    read: list[str] = []

    def text(path: str) -> str:
        read.append(path)
        return (tmp_path / path).read_text()

    best, _ = search.ranked(Listing.of(tmp_path).sizes, words("needle"), text)
    assert read == ["z/needle.py", "f0.py", "f1.py"]
    assert {path for path, _ in best} == set(read)
    assert search.ranked({}, words("needle"), text) == search.ranked({"a": 1}, {}, text) == ([], {})


@pytest.mark.parametrize(
    "text", ["a/" * 500_000, "x." * 500_000, "import a" * 100_000, ".:9" * 200_000]
)
@pytest.mark.timeout(20)
def test_hostile_texts_end_soon(tree: Path, text: str) -> None:
    (tree / "tests/test_calc.py").write_text(text)
    choose(tree, text, text, 4000, named=("tests/test_calc.py",), frozen=FROZEN)
