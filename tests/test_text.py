"""Text of bytes: character sets that are named, then the likeliest one."""

import hashlib
from string import ascii_lowercase

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

import fastqr
from fastqr.languages import likeliest
from fastqr.languages.kinds import KIND_OF, LATIN
from fastqr.languages.likeliest import likeliest_set
from fastqr.languages.statistics import Statistics
from fastqr.models import models_folder, read_manifest
from fastqr.text import RawSegment, checked_encodings, codec_of_eci, decode_bytes, decode_segments, guess_codec
from fastqr.training import text as training

WESTERN = (
    "München|Größe|ÄÖÜäöüß|Café|café au lait à Paris|España mañana|naïve|garçon|Ærøskøbing|São Paulo|Öl|20°C|£5|"
    "§ 12 Abs. 3|©2020 ACME|E=mc²|WIFI:S:Büro;T:WPA;P:pässword;;|¡Hola!|niño|Île-de-France|Nº 5|ÄÖÜ|äöü|éèêë|åäö|ÆØÅ|"
    "ÁÉÍÓÚ|Ü|é|è|°|ÖBB|Ångström|à emporter|perché no|Società Agricola|Ísafjörður"
)
JAPANESE = (
    "こんにちは|東京都|日本語|ﾃﾞｻﾞｲﾝQR|カタカナ|東京都渋谷区1-2-3|株式会社テスト|ｲﾗｽﾄ|山田太郎|ﾔﾏﾀﾞ ﾀﾛｳ|①②③㈱|髙島屋|ABC㈱"
)
CHINESE = "你好|中国|北京|微信支付|你好，世界|上海市浦东新区|产品编号：12345|有限公司|姓名：张三|欢迎使用"
TRADITIONAL = "臺北市信義區|統一發票|商品名稱:1|臺灣大學|歡迎光臨|品名：咖啡，數量：2"
KOREAN = "안녕하세요|서울특별시|대한민국|(주)한국전자|홍길동|이름: 김철수|똠방각하"
RUSSIAN = "Привет|Москва|ООО Ромашка|ул. Ленина, д. 5|СКИДКА 50%|Сбербанк|Ещё"
POLISH = "Łódź|Kraków, ul. Żółta 5|Święto|zażółć gęślą jaźń|WIFI:S:Pokój gościnny;T:WPA;P:12345678;;"
CZECH = "Plzeň|Příbram|Říčany u Prahy|Žluťoučký kůň"
HUNGARIAN = "Győr|Székesfehérvár|árvíztűrő tükörfúrógép"
TURKISH = "Şişli|İstanbul Büyükşehir|Muğla|Diyarbakır Çarşı|Beşiktaş"
GREEK = "Αθήνα|Θεσσαλονίκη|Καλημέρα κόσμε|οδός Ερμού 5"
HEBREW = "שלום עולם|תל אביב|רחוב הרצל 5"
ARABIC = "مرحبا بالعالم|شارع الملك فهد|القاهرة"
LITHUANIAN = "Šiauliai|Vilniaus gatvė|Ačiū|Panevėžys"
TEXTS = {
    "iso8859-1": WESTERN,
    "iso8859-15": "cœur à cœur|5 € à Ålesund",
    "cp1252": "12,50 €|Preis – „gut“|l’été|ACME™|naïve… œuvre",
    "cp1250": f"{POLISH}|{CZECH}|{HUNGARIAN}",
    "iso8859-2": "Łódź|Kraków, ul. Żółta 5|Příbram",
    "cp1251": RUSSIAN,
    "koi8-r": "Привет|Москва|улица Ленина",
    "iso8859-5": "Россия|Нижний Новгород",
    "cp1253": GREEK,
    "iso8859-7": GREEK,
    "cp1254": TURKISH,
    "cp1255": HEBREW,
    "cp1256": ARABIC,
    "cp1257": LITHUANIAN,
    "cp932": JAPANESE,
    "euc_jp": "東京都渋谷区|株式会社テスト|こんにちは世界",
    "gb18030": CHINESE,
    "big5": TRADITIONAL,
    "cp949": KOREAN,
}
NAMED = [(text, codec) for codec, texts in TEXTS.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "codec"), NAMED)
def test_character_sets_that_nothing_names_are_guessed(text: str, codec: str) -> None:
    assert decode_bytes(text.encode(codec)) == text
    assert decode_bytes(text.encode("utf-8")) == text


@pytest.mark.parametrize(("text", "codec"), NAMED)
def test_what_is_guessed_is_said_with_its_certainty(text: str, codec: str) -> None:
    data = text.encode(codec)
    decoded = decode_segments([("byte", None, data)])
    assert not decoded.named
    assert data.decode(decoded.encoding) == text
    assert 0.2 < decoded.certainty <= 1


def test_certainty_grows_with_the_text() -> None:
    short, long = ("и".encode("cp1251"), "Иванов Иван Иванович, г. Москва".encode("cp1251"))
    assert guess_codec(short).certainty < 0.99 < 0.999999 < guess_codec(long).certainty


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_decide(encoding: str) -> None:
    assert decode_bytes("Größe 大".encode(encoding)) == "Größe 大"


@pytest.mark.parametrize("data", [b"https://example.org", b"", b"\x00\x1b"])
def test_ascii_is_ascii(data: bytes) -> None:
    assert guess_codec(data) == ("ascii", 1.0)


def test_latin_1_is_named_so_until_windows_characters_appear() -> None:
    assert guess_codec("Größe".encode("cp1252")).codec == "iso8859-1"
    assert guess_codec("Größe 5 €".encode("cp1252")).codec == "cp1252"


@pytest.mark.parametrize("data", [b"\xff\x80\x00x", bytes(range(256)), b"\x81\x8d\x8f\x90\x9d\xff\xfd\xa0\x01"])
def test_bytes_that_are_no_text_become_latin_1(data: bytes) -> None:
    assert decode_bytes(data) == data.decode("latin-1")
    assert guess_codec(data) == ("iso8859-1", 0.0)


def test_a_text_that_is_ended_by_null_is_a_text() -> None:
    assert decode_bytes("東京都\0".encode("cp932")) == "東京都\0"


def test_utf_8_that_is_cut_off_inside_a_character_is_utf_8() -> None:
    data = "漢字かな".encode()
    assert decode_bytes(data[:-1]) == "漢字か\ufffd"
    assert decode_bytes(data[1:]) == "\ufffd\ufffd字かな"
    assert decode_bytes("café".encode("latin-1")) == "café"
    assert decode_bytes("楊秋香".encode("big5"), encodings=("big5", "utf-8")) == "楊秋香"
    assert guess_codec("楊秋香".encode("big5")).codec != "utf-8"  # three bytes to go on with, and one of UTF-8


@pytest.mark.parametrize("text", ["Привет, мир! " * 150, "請輸入統一編號與商品名稱" * 60, "über " * 500])
@pytest.mark.parametrize("codec", ["cp1251", "big5", "cp1252"])
def test_long_texts_are_read_whole(text: str, codec: str) -> None:
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        pytest.skip("the set has no such letters")
    assert decode_bytes(data) == text


def test_a_long_message_is_decided_by_as_many_bytes_as_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    weighed = []
    monkeypatch.setattr(
        likeliest, "_costs", lambda data, candidates: weighed.append(data) or dict.fromkeys(candidates, 1.0)
    )
    for text in ("Привет, мир! ", "Ж", "https://example.com/Ж "):
        likeliest_set((text * 5000).encode("cp1251"))
    assert len(weighed) == 3
    assert max(len(data) for data in weighed) < 1000


# What is named -------------------------------------------------------------------------------------------------------


def test_eci_decides_over_the_guess() -> None:
    assert decode_bytes(b"\xc3\xa4", eci=3) == "Ã¤"
    assert decode_bytes("Привет".encode("cp1251"), eci=22) == "Привет"
    assert decode_bytes(b"\x00A", eci=25) == "A"
    assert decode_segments([("byte", 22, "да".encode("cp1251"))])[1:4] == ("cp1251", True, 1.0)


def test_unknown_eci_keeps_every_byte() -> None:
    assert decode_bytes(bytes(range(256)), eci=123456) == bytes(range(256)).decode("latin-1")


def test_an_eci_that_the_bytes_contradict_is_dropped() -> None:
    decoded = decode_segments([("byte", 26, "Größe".encode("latin-1"))])
    assert (decoded.text, decoded.encoding, decoded.named) == ("Größe", "iso8859-1", False)


@pytest.mark.parametrize("eci", range(1000))
def test_every_eci_has_a_codec_that_never_fails(eci: int) -> None:
    "".encode(codec_of_eci(eci))
    assert isinstance(decode_bytes(b"\xff\xfe\xfd", eci=eci), str)


def test_before_the_first_eci_is_latin_1() -> None:
    latin, cyrillic, kanji = b"\xae\xc6\xd8\xc5|", "Пример".encode("cp1251"), "例文".encode("cp932")
    decoded = decode_segments([("byte", None, latin), ("byte", 22, cyrillic), ("byte", 20, kanji)])
    assert decoded.text == "®ÆØÅ|Пример例文"
    assert (decoded.encoding, decoded.named) == ("iso8859-1+cp1251+cp932", True)


@pytest.mark.parametrize(
    ("title", "codec"), [("newsネット", "cp932"), ("Новости", "cp1251"), ("Мир", "cp1251"), ("東京", "euc_jp")]
)
def test_links_and_keys_of_fields_say_nothing_of_the_character_set(title: str, codec: str) -> None:
    link = "http://news.example.com/u/article/front/front_page.html"
    message = f"{link} \r\n\r\nMEBKM:TITLE:{title};URL:{link};;"
    assert decode_bytes(message.encode(codec)) == message


def test_kanji_and_hanzi_modes_name_their_sets() -> None:
    decoded = decode_segments([("kanji", None, "東京".encode("cp932")), ("alphanumeric", None, b" 1-2")])
    assert decoded[:4] == ("東京 1-2", "cp932", True, 1.0)
    assert decode_segments([("hanzi", None, "你好".encode("gb2312"))])[:4] == ("你好", "gb18030", True, 1.0)


@pytest.mark.parametrize(("eci", "codec"), [(26, "utf-8"), (29, "gb18030"), (28, "big5")])
def test_kanji_mode_may_hold_the_bytes_of_the_eci_in_force(eci: int, codec: str) -> None:
    """Encoders use it for what could be two bytes of Shift_JIS; where the bytes are no such text, they are kanji."""
    data = "表示商品".encode(codec)
    decoded = decode_segments([("byte", eci, data[:2]), ("kanji", eci, data[2:6]), ("byte", eci, data[6:])])
    assert (decoded.text, decoded.named) == ("表示商品", True)
    kanji = "点".encode("cp932")
    decoded = decode_segments([("byte", 26, "ä".encode()), ("kanji", 26, kanji)])
    assert (decoded.text, decoded.encoding) == ("ä点", "utf-8+cp932")
    assert decode_segments([("byte", 3, b"\xe4"), ("kanji", 3, kanji)]).text == "ä点"


# One message, however it is cut --------------------------------------------------------------------------------------


def test_neighbouring_byte_segments_are_one_text() -> None:
    first, second = "ä".encode()[:1], "ä".encode()[1:]
    assert decode_segments([("byte", None, first), ("byte", None, second), ("numeric", None, b"12")]).text == "ä12"
    assert decode_segments([("byte", 26, "ä".encode()), ("byte", 3, "ä".encode("latin-1"))]).text == "ää"


def test_a_character_may_go_on_in_an_alphanumeric_segment() -> None:
    data = "ア".encode("cp932")
    assert data[1:] == b"A"
    for eci in (None, 20):
        begun = "カタカナ".encode("cp932") + data[:1]
        segments = [("byte", eci, begun), ("alphanumeric", eci, data[1:]), ("byte", eci, b"!")]
        assert decode_segments(segments).text == "カタカナア!"


def test_wide_sets_end_where_ascii_begins() -> None:
    segments = [("byte", 25, "é".encode("utf-16-be")), ("byte", 25, "è".encode("utf-16-be")), ("numeric", 25, b"12")]
    assert decode_segments(segments).text == "éè12"


def test_all_segments_are_one_message_in_one_set() -> None:
    """What one segment cannot tell, the others do."""
    name = "Иванов Пётр".encode("cp1251")
    decoded = decode_segments([("byte", None, b"\xc8|"), ("numeric", None, b"1234"), ("byte", None, name)])
    assert decoded.text == "И|1234Иванов Пётр"


def test_bytes_beside_kanji_mode_are_shift_jis_when_in_doubt() -> None:
    kana = "ﾄｳｷｮｳ".encode("cp932")
    assert decode_segments([("kanji", None, "東京".encode("cp932")), ("byte", None, kana)]).text == "東京ﾄｳｷｮｳ"


def test_utf_8_partly_in_kanji_mode_is_utf_8() -> None:
    data = "配电箱".encode()
    for eci in (None, 26):
        parts = (("kanji", data[:2]), ("byte", data[2:3]), ("kanji", data[3:7]), ("byte", data[7:]))
        assert decode_segments([(mode, eci, part) for mode, part in parts]).text == "配电箱"


def test_segments_have_the_text_of_the_whole_messages_set() -> None:
    symbol = fastqr.decode_modules(_modules("Москва".encode("cp1251")))
    assert [segment.text for segment in symbol.segments] == ["Москва"]
    assert (symbol.text, symbol.encoding, symbol.encoding_named) == ("Москва", "cp1251", False)
    assert symbol.encoding_certainty > 0.9
    assert symbol.to_dict()["encoding"] == "cp1251"


# What the user expects -----------------------------------------------------------------------------------------------


def test_expected_sets_are_chosen_among() -> None:
    data = "é".encode("latin-1")
    assert decode_bytes(data, encodings=("cp1251",)) == "й"
    assert decode_bytes(data, encodings=("koi8-r",)) == "И"
    assert decode_bytes("Größe".encode("cp850"), encodings=("cp850",)) == "Größe"
    assert decode_bytes("Привет".encode("koi8-r"), encodings=("iso8859-5", "koi8-r")) == "Привет"
    assert decode_bytes("żółć".encode("cp852"), encodings=("cp437", "cp852")) == "żółć"
    assert decode_bytes("テスト".encode("euc_jp"), encodings=("shift_jis", "euc_jp")) == "テスト"
    assert decode_bytes("Größe".encode("utf-16-le"), encodings=("utf-16-le",)) == "Größe"


def test_utf_8_comes_first_among_expected_sets() -> None:
    assert decode_bytes("й".encode(), encodings=("cp1251", "utf-8")) == "й"
    assert decode_bytes("Да".encode("cp1251"), encodings=("cp1251", "utf-8")) == "Да"


def test_expected_sets_that_cannot_be_are_passed_over() -> None:
    assert decode_bytes("Größe".encode("latin-1"), encodings=("utf-8", "ascii")) == "Größe"


def test_named_sets_are_not_overruled_by_expected_ones() -> None:
    assert decode_bytes("Привет".encode("cp1251"), eci=22, encodings=("cp1252",)) == "Привет"


def test_a_scanner_takes_expected_sets() -> None:
    picture = np.kron(np.pad(~_modules("é".encode("latin-1")), 4, constant_values=True), np.ones((4, 4), bool))
    grey = picture.astype(np.uint8) * 255
    assert [symbol.text for symbol in fastqr.decode(grey, encodings=["windows-1251"])] == ["й"]
    assert [symbol.text for symbol in fastqr.decode(grey)] == ["é"]


@pytest.mark.parametrize(
    ("encodings", "error"),
    [
        ("utf-8", fastqr.ArgumentTypeError),
        (5, fastqr.ArgumentTypeError),
        ((b"utf-8",), fastqr.ArgumentTypeError),
        (("utf-9",), fastqr.InvalidArgumentError),
        (("base64",), fastqr.InvalidArgumentError),
        (("utf\0",), fastqr.InvalidArgumentError),
    ],
)
def test_encodings_are_checked(encodings: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^encodings must be a sequence of names of Python's text encodings"):
        fastqr.Scanner(encodings=encodings)  # type: ignore[arg-type]


def test_encodings_go_by_pythons_names() -> None:
    assert checked_encodings(["UTF8", "windows-1251", "latin1"]) == ("utf-8", "cp1251", "iso8859-1")


# The statistics ------------------------------------------------------------------------------------------------------


def test_the_statistics_are_those_of_the_manifest() -> None:
    entry = read_manifest()["statistics"]["text"]
    content = (models_folder() / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"] < 150_000
    assert entry["command"].startswith("python -m fastqr.training.text")


def test_a_damaged_file_of_statistics_is_named(tmp_path) -> None:
    path = tmp_path / "text.npz"
    content = (models_folder() / "text.npz").read_bytes()
    for damaged in (b"", content[:5000], content[:-3000]):
        path.write_bytes(damaged)
        with pytest.raises(fastqr.ModelError, match=r"language statistics '.*text\.npz' cannot be read"):
            Statistics(path)
    with pytest.raises(fastqr.ModelError, match=r"text\.npz"):
        Statistics(tmp_path / "absent" / "text.npz")


def test_statistics_are_probabilities() -> None:
    words = {"größe": 3.0, "gross": 2.0, "maß": 1.0, "naïve": 0.5}
    alphabet = training.alphabet_of(words, own=LATIN)
    assert set("ößï") < set(alphabet) >= set(ascii_lowercase)
    pairs = training.letter_pairs(words, alphabet)
    after_o = pairs[alphabet.index("o") + 1]
    assert after_o[alphabet.index("s") + 1] > after_o[alphabet.index("z") + 1] > 0
    assert after_o.sum() == pytest.approx(1, abs=1e-3)
    kinds = training.kind_pairs(["5 €", "10 €", "© 2020 Ab", "aB"] * 20)
    before_euro = kinds[:, KIND_OF["€"]]
    assert before_euro[KIND_OF["space"]] > 10 * before_euro[KIND_OF["lower"]]
    letters = [KIND_OF[kind] for kind in ("lower", "upper", "caseless")]
    assert kinds[KIND_OF["lower"], letters].sum() == pytest.approx(1)
    assert kinds[KIND_OF["space"]].sum() == pytest.approx(1, abs=0.02)


def test_pairs_of_ideographs_gain_what_they_tell() -> None:
    words = {"東京": 10.0, "京都": 5.0, "東": 1.0, "西": 8.0}
    costs = training.character_costs(words)
    gains = training.pair_gains(words, costs)
    assert costs["西"] < costs["都"]
    assert gains["東", "京"] > 0
    assert ("京", "西") not in gains


# Any bytes -----------------------------------------------------------------------------------------------------------


DATA = st.binary(max_size=40)
SEGMENTS = st.lists(
    st.tuples(st.just("byte"), st.none() | st.sampled_from([3, 20, 22, 25, 26, 29, 899, 999999]), DATA)
    | st.tuples(st.sampled_from(["kanji", "hanzi"]), st.none() | st.just(26), DATA)
    | st.tuples(st.sampled_from(["numeric", "alphanumeric"]), st.none() | st.just(25), st.just(b"0123")),
    max_size=4,
)


@given(SEGMENTS, st.lists(st.sampled_from(["utf-8", "cp1251", "cp437", "shift_jis", "utf-16-le", "johab"]), max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_segments_have_a_text(segments: list[RawSegment], encodings: list[str]) -> None:
    decoded = decode_segments(segments, encodings)
    assert 0 <= decoded.certainty <= 1
    assert len(decoded.codecs) == len(segments)
    for codec in (*decoded.codecs, *decoded.encoding.split("+")):
        "".encode(codec)
    decoded.text.encode("utf-8")


def _modules(data: bytes) -> np.ndarray:
    return np.array([list(row) for row in segno.make_qr(data, mode="byte").matrix], bool)
