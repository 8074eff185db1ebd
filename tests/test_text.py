"""Text of bytes: named character sets, then the likeliest one."""

import pytest

from fastqr.text import codec_of_eci, decode_bytes, guess_codec, text_of_segments

WESTERN = (
    "München|Größe|ÄÖÜäöüß|Café|café au lait à Paris|España mañana|naïve|garçon|Ærøskøbing|São Paulo|Öl|20°C|£5|"
    "§ 12 Abs. 3|©2020 ACME|E=mc²|WIFI:S:Büro;T:WPA;P:pässword;;|¡Hola!|niño|Île-de-France|Nº 5"
)
JAPANESE = "こんにちは|東京都|日本語|ﾃﾞｻﾞｲﾝQR|カタカナ|東京都渋谷区1-2-3|株式会社テスト|ｲﾗｽﾄ|山田太郎|ﾔﾏﾀﾞ ﾀﾛｳ"
CHINESE = "你好|中国|北京|微信支付|你好，世界|上海市浦东新区|产品编号：12345|有限公司|姓名：张三|欢迎使用"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, "iso8859-1") for text in WESTERN.split("|")]
    + [(text, "cp932") for text in JAPANESE.split("|")]
    + [(text, "gb18030") for text in CHINESE.split("|")],
)
def test_character_sets_without_eci_are_guessed(text: str, encoding: str) -> None:
    assert decode_bytes(text.encode(encoding)) == text
    assert decode_bytes(text.encode("utf-8")) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_decide(encoding: str) -> None:
    assert decode_bytes("Größe 大".encode(encoding)) == "Größe 大"


def test_ascii_is_utf_8() -> None:
    assert guess_codec(b"https://example.org") == "utf-8"
    assert guess_codec(b"") == "utf-8"


def test_bytes_of_no_character_set_become_latin_1() -> None:
    assert decode_bytes(b"\xff\x80\x00") == "\xff\x80\x00"


def test_eci_decides_over_the_guess() -> None:
    assert decode_bytes(b"\xc3\xa4", eci=3) == "Ã¤"
    assert decode_bytes("Привет".encode("cp1251"), eci=22) == "Привет"
    assert decode_bytes(b"\x00A", eci=25) == "A"


def test_unknown_eci_keeps_every_byte() -> None:
    assert decode_bytes(bytes(range(256)), eci=123456) == bytes(range(256)).decode("latin-1")


def test_an_eci_that_the_bytes_contradict_is_dropped() -> None:
    assert decode_bytes("Größe".encode("latin-1"), eci=26) == "Größe"


@pytest.mark.parametrize("eci", range(1000))
def test_every_eci_has_a_codec_that_never_fails(eci: int) -> None:
    "".encode(codec_of_eci(eci))
    assert isinstance(decode_bytes(b"\xff\xfe\xfd", eci=eci), str)


def test_neighbouring_byte_segments_are_one_text() -> None:
    first, second = "ä".encode()[:1], "ä".encode()[1:]
    assert text_of_segments([("byte", None, first), ("byte", None, second), ("numeric", None, b"12")]) == "ä12"
    assert text_of_segments([("byte", 26, "ä".encode()), ("byte", 3, "ä".encode("latin-1"))]) == "ää"
