"""The study of texts: its messages and tables."""

import pytest

from benchmarks import text

pytest.importorskip("faker", reason="messages are made by Faker, of the extra bench")
pytest.importorskip("django", reason="messages are made of Django's translations, of the extra bench")


@pytest.mark.parametrize("language", ["German", "Japanese"])
def test_messages_are_of_every_length_and_in_every_set_and_no_ascii(language: str) -> None:
    made = list(text.messages([language], 2))
    wanted = {(codec, length) for codec in text.LANGUAGES[language].codecs for length in text.LENGTHS}
    found = {
        (each.codec, length) for each in made for length in text.LENGTHS if length[0] <= len(each.data) <= length[1]
    }
    assert found == wanted
    assert len(made) == 2 * len(wanted)
    assert not any(each.data.isascii() for each in made)
    assert made == list(text.messages([language], 2))


def test_right_is_the_exact_text() -> None:
    messages = [text.Message("German", "cp1252", "Größe"), text.Message("German", "cp1252", "Öl, 5 € und mehr")]
    rows = text.measure(messages, {"latin": lambda data: data.decode("latin-1"), "none": lambda _: None})
    assert [row["right"] for row in rows] == [True, False, False, False]
    assert text.table(rows, lambda row: row["language"]).splitlines()[2] == "| German | 2 | 100 / 0 / – | 0 / 0 / – |"
