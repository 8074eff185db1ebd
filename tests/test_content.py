"""What payloads are for: every kind in the forms in which it is met, and what deceives."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from segno import helpers

import fastqr
from fastqr import content
from fastqr.content import content_of


def names(found: content.Content) -> list[str]:
    """The names of a content's warnings."""
    return [warning.partition(":")[0] for warning in found.warnings]


# Plain text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "This: a test with lots of @ nearly-random punctuation! No? OK then.",
        "Note: buy milk",
        "Let's meet @ 2",
        "http:",
        "https",
        "1:30",
        "Dr. Mayer",
        "see www.example.org for more",
        "geo",
        "telephone",
        "TO:srowen@example.org;SUB:Stuff;;",
        "4006381333931",
        "WIFI:",
        "MECARD:",
        "BEGIN:VEVENT",
        "upi://pay",
        "HC1:",
        "HC1:äöü",
        "shc:/99",
        "shc:/123",
        "geo:95,10",
        "tel:",
        "ST00012|Name=x",
    ],
)
def test_what_is_no_known_format_is_text(text: str) -> None:
    found = content_of(text)
    assert found in (content.Text(text), *[content_of(text)] * text.startswith("upi"))
    assert found.kind == ("url" if text.startswith("upi") else "text")


def test_a_content_is_a_value() -> None:
    wifi = content_of("WIFI:T:WPA;S:net;P:pass;;")
    assert wifi == content_of("WIFI:S:net;T:WPA;P:pass;;")
    assert hash(wifi) == hash(content_of("WIFI:S:net;T:WPA;P:pass;;"))
    assert wifi != content_of("WIFI:T:WPA;S:net;P:Pass;;")
    assert repr(wifi) == "WiFi(ssid='net', password='pass', security='WPA')"
    with pytest.raises(AttributeError):
        wifi.ssid = "other"  # type: ignore[attr-defined]


def test_every_kind_has_a_name_of_its_own() -> None:
    kinds = [cls.kind for name in content.__all__ if hasattr(cls := getattr(content, name), "kind")]
    assert len(set(kinds)) == len(kinds) == 19


def test_the_module_is_loaded_when_it_is_needed() -> None:
    code = "import sys, fastqr; loaded = 'fastqr.content' in sys.modules; fastqr.content.WiFi; print(loaded)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    with pytest.raises(AttributeError, match="module 'fastqr' has no attribute 'contents'"):
        fastqr.contents  # noqa: B018


# Networks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Android's own, and in any order and case
        ("WIFI:S:Casa;T:WPA;P:tre stelle;H:false;;", ("Casa", "tre stelle", "WPA", False)),
        ("WIFI:T:WPA;P:tre stelle;S:Casa;H:true;;", ("Casa", "tre stelle", "WPA", True)),
        ("wifi:t:wep;s:Casa;p:abcde;;", ("Casa", "abcde", "WEP", False)),
        # open
        ("WIFI:S:No Password;P:;T:;;", ("No Password", None, "nopass", False)),
        ("WIFI:T:nopass;S:Guest;;", ("Guest", None, "nopass", False)),
        # escapes, and those that were forgotten
        (r"WIFI:S:Ten\;\;Chars;P:a\:b\\c\,d\"e;T:WPA;;", ("Ten;;Chars", 'a:b\\c,d"e', "WPA", False)),
        ("WIFI:S:My:Net;P:one;two;T:WPA;;", ("My:Net", "one;two", "WPA", False)),
        # hexadecimal digits in quotes are letters
        ('WIFI:S:"DEADBEEF";T:WPA;P:"12345678";;', ("DEADBEEF", "12345678", "WPA", False)),
        ('WIFI:S:"quoted";T:WPA;P:x;;', ('"quoted"', "x", "WPA", False)),
        # WPA3 of the Wi-Fi Alliance, without a last semicolon
        ("WIFI:T:SAE;R:1;S:Wien;P:Straße 🔑;;", ("Wien", "Straße 🔑", "SAE", False)),
        ("WIFI:S:x;P:secret", ("x", "secret", "WPA", False)),
        ("\ufeffWIFI:S:x;P:secret;;\r\n".strip("\ufeff"), ("x", "secret", "WPA", False)),
    ],
)
def test_networks(text: str, expected: tuple[str, str | None, str, bool]) -> None:
    found = content_of(text)
    assert isinstance(found, content.WiFi)
    assert (found.ssid, found.password, found.security, found.hidden) == expected


def test_networks_with_accounts() -> None:
    found = content_of("WIFI:T:WPA2-EAP;S:eduroam;I:u@uni.at;P:pw;E:PEAP;PH2:MSCHAPV2;A:anonymous;H:true;;")
    assert found == content.WiFi(
        "eduroam", "pw", "WPA2-EAP", True, "PEAP", "MSCHAPV2", identity="u@uni.at", anonymous_identity="anonymous"
    )
    assert content_of("WIFI:T:WPA2-EAP;S:old;H:MSCHAPV2;P:pw;;").to_dict()["phase2"] == "MSCHAPV2"  # before PH2


@given(st.text(min_size=1), st.text(min_size=1))
def test_networks_that_segno_writes_are_read_back(ssid: str, password: str) -> None:
    written = helpers.make_wifi_data(ssid=ssid, password=password, security="WPA", hidden=True)
    found = content_of(written)
    assert isinstance(found, content.WiFi)
    assert found.hidden
    if not any(value.startswith('"') for value in (ssid, password)):  # segno quotes what is hexadecimal
        assert (found.ssid, found.password) == (ssid, password)


# Contacts ---------------------------------------------------------------------------------------------------------


def test_a_vcard_of_version_3() -> None:
    found = content_of(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Gump;Forrest;;Mr.;\r\nFN:Forrest Gump\r\nORG:Bubba Gump Shrimp Co.;Boats\r\n"
        "TITLE:Shrimp Man\r\nTEL;TYPE=WORK,VOICE:(111) 555-1212\r\nTEL;TYPE=HOME,VOICE:(404) 555-1212\r\n"
        "ADR;TYPE=WORK,PREF:;;100 Waters Edge;Baytown;LA;30314;United States of America\r\n"
        "EMAIL:forrestgump@example.com\r\nURL:https://example.com/\r\nBDAY:1944-06-06\r\n"
        "NOTE:Life\\, box of\\nchocolates\r\nREV:2008-04-24T19:52:43Z\r\nEND:VCARD\r\n"
    )
    assert found == content.Contact(
        name="Forrest Gump",
        form="vCard",
        family_name="Gump",
        given_name="Forrest",
        organisation="Bubba Gump Shrimp Co., Boats",
        job_title="Shrimp Man",
        birthday="1944-06-06",
        note="Life, box of\nchocolates",
        phones=(
            content.Labelled("(111) 555-1212", ("work", "voice")),
            content.Labelled("(404) 555-1212", ("home", "voice")),
        ),
        emails=(content.Labelled("forrestgump@example.com"),),
        addresses=(
            content.Labelled("100 Waters Edge, Baytown, LA, 30314, United States of America", ("work", "pref")),
        ),
        urls=(content.Labelled("https://example.com/"),),
    )
    assert str(found.phones[0]) == "(111) 555-1212"


def test_a_vcard_of_version_4_with_groups_quotes_and_folded_lines() -> None:
    found = content_of(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jöran Ä\n ström\nN:Åström;Jöran;;;\n"
        'item1.TEL;VALUE=uri;TYPE="voice,home":tel:+46-8-123\nEMAIL;TYPE=work:a@example.se\n'
        'ADR;LABEL="Box: 1":;;Box\\; 1;Stockholm;;;\nEND:VCARD'
    )
    assert isinstance(found, content.Contact)
    assert found.name == "Jöran Äström"
    assert found.phones == (content.Labelled("+46-8-123", ("voice", "home")),)
    assert found.addresses == (content.Labelled("Box; 1, Stockholm"),)


def test_a_vcard_of_version_2_with_quoted_printable_and_bare_types() -> None:
    found = content_of(
        "begin:vcard\r\nversion:2.1\r\nn;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCr=\r\ngen\r\n"
        "TEL;CELL;VOICE:+49 170 1\r\nADR;HOME:;;123 Main St\r\nend:vcard"
    )
    assert isinstance(found, content.Contact)
    assert (found.name, found.family_name, found.given_name) == ("Jürgen Müller", "Müller", "Jürgen")
    assert found.phones == (content.Labelled("+49 170 1", ("cell", "voice")),)
    assert found.addresses == (content.Labelled("123 Main St", ("home",)),)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Owen;Sean;T;Mr.;Esq.", "Mr. Sean T Owen Esq."), (";Sean;;;", "Sean"), ("Owen", "Owen"), (r"O\;w;S", "S O;w")],
)
def test_a_vcard_without_a_formatted_name(name: str, shown: str) -> None:
    found = content_of(f"BEGIN:VCARD\nN:{name}\nEND:VCARD")
    assert isinstance(found, content.Contact)
    assert found.name == shown


@pytest.mark.parametrize(
    ("text", "name", "phones", "emails", "addresses"),
    [
        ("MECARD:N:Owen,Sean;TEL:+1 212;EMAIL:s@example.org;;", "Sean Owen", ["+1 212"], ["s@example.org"], []),
        ("MECARD:N:Foo Bar;TEL:1;TEL:2;ADR:City, 10001;ADR:,,Road 1,Town;;", "Foo Bar", ["1", "2"], [], None),
        ("MECARD:TEL:0312345;N:山田,太郎;SOUND:ヤマダ,タロウ;;", "太郎 山田", ["0312345"], [], []),
        (
            "BIZCARD:N:Sean;X:Owen;T:Eng;C:Google;A:123 Main St;B:+1;M:+2;E:s@x.org;;",
            "Sean Owen",
            None,
            ["s@x.org"],
            None,
        ),
    ],
)
def test_cards_of_mobile_telephones(
    text: str, name: str, phones: list[str] | None, emails: list[str], addresses: list[str] | None
) -> None:
    found = content_of(text)
    assert isinstance(found, content.Contact)
    assert found.name == name
    assert [str(each) for each in found.emails] == emails
    if phones is not None:
        assert [str(each) for each in found.phones] == phones
    else:
        assert found.phones == (content.Labelled("+1", ("work",)), content.Labelled("+2", ("cell",)))
        assert (found.organisation, found.job_title) == ("Google", "Eng")
    if addresses is None:
        assert [str(each) for each in found.addresses] in (["City, 10001", "Road 1, Town"], ["123 Main St"])


def test_contacts_that_segno_writes_are_read_back() -> None:
    card = content_of(helpers.make_mecard_data(name="Mustermann,Erika", phone=("1", "2"), email="e@x.de", city="Köln"))
    assert isinstance(card, content.Contact)
    assert (card.name, len(card.phones), str(card.addresses[0])) == ("Erika Mustermann", 2, "Köln")
    vcard = content_of(
        helpers.make_vcard_data(
            name="Mustermann;Erika", displayname="Erika Mustermann", email="e@x.de", street="Weg 1", city="Köln"
        )
    )
    assert isinstance(vcard, content.Contact)
    assert (vcard.name, str(vcard.addresses[0]), str(vcard.emails[0])) == ("Erika Mustermann", "Weg 1, Köln", "e@x.de")


# Letters, calls, messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mailto:srowen@example.org", content.Email(("srowen@example.org",))),
        (
            "MAILTO:a@x.org,b%40x.org?cc=c@x.org&bcc=d@x.org,e@x.org&subject=1+1%20is&body=zwei%0Adrei",
            content.Email(("a@x.org", "b@x.org"), "1+1 is", "zwei\ndrei", ("c@x.org",), ("d@x.org", "e@x.org")),
        ),
        ("mailto:?to=a@x.org&body=%C3%BC", content.Email(("a@x.org",), None, "ü")),
        (
            r"MATMSG:TO:a@x.org;TO:b@x.org;SUB:Stuff\; more;BODY:Some: text;;",
            content.Email(("a@x.org", "b@x.org"), "Stuff; more", "Some: text"),
        ),
        ("SMTP:a@x.org:Subject:Body: more", content.Email(("a@x.org",), "Subject", "Body: more")),
        ("srowen@example.org", content.Email(("srowen@example.org",))),
        ("jürgen@müller.de", content.Email(("jürgen@müller.de",))),
    ],
)
def test_letters(text: str, expected: content.Email) -> None:
    assert content_of(text) == expected


def test_letters_that_segno_writes_are_read_back() -> None:
    written = helpers.make_make_email_data(
        ("a@x.org", "b@x.org"), cc="c@x.org", subject="Grüße & mehr", body="1 + 1?\n2"
    )
    assert content_of(written) == content.Email(("a@x.org", "b@x.org"), "Grüße & mehr", "1 + 1?\n2", ("c@x.org",))


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("tel:+1-212-555-1212", "+1-212-555-1212", None),
        ("TEL:212 555 1212", "212 555 1212", None),
        ("tel:+358-555-1234567;ext=89", "+358-555-1234567", "89"),
        ("tel:863-1234;phone-context=+1-914-555", "863-1234", None),
        ("tel:*100%23", "*100#", None),
    ],
)
def test_calls(text: str, number: str, extension: str | None) -> None:
    assert content_of(text) == content.Phone(number, extension)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sms:+15551212", content.Sms(("+15551212",))),
        ("sms:+15551212,+12124440101;via=999333", content.Sms(("+15551212", "+12124440101"))),
        ("sms:+15551212?subject=foo&body=hello%20there", content.Sms(("+15551212",), "hello there", "foo")),
        ("sms:+15551212;?&body=hello", content.Sms(("+15551212",), "hello")),  # iOS 8
        ("sms:+15551212&body=hello", content.Sms(("+15551212",), "hello")),  # iOS 7
        ("sms:?body=share%20this", content.Sms((), "share this")),
        ("SMSTO:+15551212:What's up? 100%", content.Sms(("+15551212",), "What's up? 100%")),
        ("smsto:212-555-1212:Directions: Do this", content.Sms(("212-555-1212",), "Directions: Do this")),
        ("MMSTO:+15551212", content.Sms(("+15551212",))),
    ],
)
def test_short_messages(text: str, expected: content.Sms) -> None:
    assert content_of(text) == expected


# Places and dates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("geo:48.2010,16.3695,183", content.Geo(48.2010, 16.3695, 183)),
        ("GEO:80.33,-32.3344", content.Geo(80.33, -32.3344)),
        ("geo:48.198634,16.371648;crs=wgs84;u=40", content.Geo(48.198634, 16.371648, None, 40)),
        ("geo:37.78,-122.39?z=14&q=37.78,-122.39", content.Geo(37.78, -122.39, query="37.78,-122.39")),
        ("geo:0,0?q=34.99,-106.61(Treasure)", content.Geo(34.99, -106.61, query="Treasure")),
        ("geo:0,0?q=1600+Amphitheatre%20Parkway", content.Geo(0, 0, query="1600 Amphitheatre Parkway")),
        (helpers.make_geo_data(38.8976763, -77.0365297), content.Geo(38.8976763, -77.0365297)),
    ],
)
def test_places(text: str, expected: content.Geo) -> None:
    assert content_of(text) == expected


UTC = datetime.timezone.utc
EVENTS = [
    (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Vienna\r\n"
        "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Summer\\, at last\r\nDTSTART:20260621T080000Z\r\nDTEND:20260621T093000Z\r\n"
        "LOCATION:Wien\r\nDESCRIPTION:one\\ntwo\r\n  three\r\nURL:https://example.org/x\r\nRRULE:FREQ=YEARLY\r\n"
        "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDESCRIPTION:no\r\nEND:VALARM\r\nORGANIZER:mailto:bob@example.org\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        content.Event(
            "Summer, at last",
            datetime.datetime(2026, 6, 21, 8, tzinfo=UTC),
            datetime.datetime(2026, 6, 21, 9, 30, tzinfo=UTC),
            location="Wien",
            description="one\ntwo three",
            organizer="mailto:bob@example.org",
            url="https://example.org/x",
            uid="1@x",
            recurrence="FREQ=YEARLY",
        ),
    ),
    (
        "BEGIN:VEVENT\nSUMMARY:Meeting\nDTSTART;TZID=Europe/Vienna:20111110T110000\nDURATION:P1DT2H3M4S\nEND:VEVENT",
        content.Event(
            "Meeting",
            datetime.datetime(2011, 11, 10, 11),
            datetime.datetime(2011, 11, 11, 13, 3, 4),
            time_zone="Europe/Vienna",
        ),
    ),
    (
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20111110\nDTEND;VALUE=DATE:20111112\nEND:VEVENT",
        content.Event("", datetime.date(2011, 11, 10), datetime.date(2011, 11, 12)),
    ),
    ("BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20110231T110000\nEND:VEVENT", content.Event("x")),
]


@pytest.mark.parametrize(("text", "expected"), EVENTS)
def test_events(text: str, expected: content.Event) -> None:
    assert content_of(text) == expected


def test_further_events_are_told() -> None:
    one = "BEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\n"
    found = content_of(f"BEGIN:VCALENDAR\n{one}{one.replace(':a', ':b')}END:VCALENDAR")
    assert isinstance(found, content.Event)
    assert (found.summary, names(found)) == ("a", ["events"])


# Payments ---------------------------------------------------------------------------------------------------------


def test_a_sepa_transfer_as_the_red_cross_has_it() -> None:
    text = (
        "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund\nSample QR code"
    )
    assert content_of(text) == content.EpcPayment(
        "Red Cross of Belgium",
        "BE72000000001616",
        "BPOTBEB1",
        Decimal(1),
        "CHAR",
        None,
        "Urgency fund",
        "Sample QR code",
    )


def test_a_sepa_transfer_is_read_under_the_character_set_that_it_names() -> None:
    lines = ["BCD", "002", "2", "SCT", "", "François", "FR14 2004 1010 0505 0001 3M02 606", "EUR12.3", "", "RF18"]
    text = "\r\n".join(lines)
    guessed_wrong = text.replace("ç", "\u0107")
    assert content_of(guessed_wrong, text.encode("latin-1")) == content.EpcPayment(
        "François", "FR1420041010050500013M02606", amount=Decimal("12.3"), reference="RF18"
    )


def test_a_sepa_transfer_without_amount_and_with_a_wrong_account() -> None:
    found = content_of("BCD\n001\n1\nSCT\nBHBLDEHHXXX\nMax\nDE89370400440532013001")
    assert isinstance(found, content.EpcPayment)
    assert found.amount is None
    assert names(found) == ["checksum"]
    assert names(content_of("BCD\n001\n1\nSCT\nBHBLDEHHXXX\nMax\nDE89370400440532013000")) == []


DEBTOR = "S\nPia-Maria Rutschmann-Schnyder\nGrosse Marktgasse\n28\n9400\nRorschach\nCH"
NOBODY = "\n" * 6
SWISS = {
    "QRR": (
        "SPC\n0200\n1\nCH4431999123000889012\nS\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel\nCH\n"
        f"{NOBODY}\n1949.75\nCHF\n{DEBTOR}\nQRR\n210000000003139471430009017\nOrder of 15 June 2020\nEPD\n"
        "//S1/10/10201409/11/200701\nName AV1: UV;UltraPay005;12345\nName AV2: XY;XYService;54321"
    ),
    "SCOR": (
        "SPC\n0200\n1\nCH5800791123000889012\nK\nRobert Schneider AG\nRue du Lac 1268\n2501 Biel\n\n\nCH"
        f"\n{NOBODY}\n199.95\nCHF\n{DEBTOR}\nSCOR\nRF18539007547034\n\nEPD"
    ).replace("\n", "\r\n"),
    "NON": (
        "SPC\n0200\n1\nCH5204835012345671000\nS\nPro Natura\nPostfach\n\n4018\nBasel\nCH\n"
        f"{NOBODY}\n\nCHF\n{NOBODY}\nNON\n\n\nEPD"
    ),
}


def test_a_swiss_bill_with_a_reference() -> None:
    assert content_of(SWISS["QRR"]) == content.SwissPayment(
        iban="CH4431999123000889012",
        creditor=content.Party("Robert Schneider AG", ("Rue du Lac 1268", "2501 Biel"), "CH"),
        amount=Decimal("1949.75"),
        currency="CHF",
        debtor=content.Party("Pia-Maria Rutschmann-Schnyder", ("Grosse Marktgasse 28", "9400 Rorschach"), "CH"),
        reference_type="QRR",
        reference="210000000003139471430009017",
        message="Order of 15 June 2020",
        billing_information="//S1/10/10201409/11/200701",
        alternatives=("Name AV1: UV;UltraPay005;12345", "Name AV2: XY;XYService;54321"),
    )


def test_a_swiss_bill_with_a_creditor_reference_and_combined_address() -> None:
    found = content_of(SWISS["SCOR"])
    assert isinstance(found, content.SwissPayment)
    assert found.creditor == content.Party("Robert Schneider AG", ("Rue du Lac 1268", "2501 Biel"), "CH")
    assert (found.reference_type, found.reference, found.warnings) == ("SCOR", "RF18539007547034", ())


def test_a_swiss_bill_that_leaves_the_amount_to_the_payer() -> None:
    found = content_of(SWISS["NON"])
    assert isinstance(found, content.SwissPayment)
    assert (found.amount, found.debtor, found.reference, found.message) == (None, None, None, None)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("QRR", "210000000003139471430009017", "210000000003139471430009071"),
        ("SCOR", "RF18539007547034", "RF18539007547043"),
        ("QRR", "CH4431999123000889012", "CH4431999123000889021"),
    ],
)
def test_a_swiss_bill_with_a_wrong_checksum_is_told(kind: str, right: str, wrong: str) -> None:
    assert names(content_of(SWISS[kind])) == []
    assert names(content_of(SWISS[kind].replace(right, wrong))) == ["checksum"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "upi://pay?pa=merchant@icici&pn=Test%20Shop&mc=5411&tr=T1&tn=Order+1&am=499.50&cu=INR",
            content.UpiPayment("merchant@icici", "Test Shop", Decimal("499.50"), "INR", "Order 1", "T1", None, "5411"),
        ),
        ("UPI://PAY?PA=name%40ybl&PN=Name", content.UpiPayment("name@ybl", "Name")),
        ("upi://mandate?pa=a@upi&am=&tid=7", content.UpiPayment("a@upi", transaction="7", action="mandate")),
    ],
)
def test_payments_of_india(text: str, expected: content.UpiPayment) -> None:
    assert content_of(text) == expected


RUSSIAN = (
    'ST0001{}|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО "БАНК"|BIC=044525225'
    "|CorrespAcc=30101810965770000413|PayeeINN=6200098765|KPP=620001001|Sum=100000|Purpose=Оплата = членского взноса"
)


@pytest.mark.parametrize(("digit", "encoding"), [("1", "cp1251"), ("2", "utf-8"), ("3", "koi8-r")])
def test_payments_of_russia_are_read_under_the_set_that_they_name(digit: str, encoding: str) -> None:
    text = RUSSIAN.format(digit)
    if digit == "3":
        text = text.replace("«", '"').replace("»", '"')  # not in KOI8-R
    data = text.encode(encoding)
    found = content_of(data.decode("latin-1"), data)
    assert isinstance(found, content.RussianPayment)
    assert found.name.strip("«»").strip('"') in ("ООО «Три кита", 'ООО "Три кита')
    assert (found.amount, found.purpose) == (Decimal("1000.00"), "Оплата = членского взноса")
    assert (found.account, found.bic, found.inn, found.kpp) == (
        "40702810138250123017",
        "044525225",
        "6200098765",
        "620001001",
    )
    assert found.fields[-1] == ("Purpose", "Оплата = членского взноса")


def test_a_russian_payment_may_have_another_separator() -> None:
    found = content_of(RUSSIAN.format("2").replace("|", "~"))
    assert isinstance(found, content.RussianPayment)
    assert found.bank == 'ОАО "БАНК"'


# GS1 --------------------------------------------------------------------------------------------------------------


def test_element_strings() -> None:
    pytest.importorskip("biip")
    found = content_of("010703206980498815210526100329\x1d21abc", gs1=True)
    assert isinstance(found, content.GS1)
    assert found.readable == "(01)07032069804988(15)210526(10)0329(21)abc"
    assert [(each.ai, each.title, each.value, each.date) for each in found.elements] == [
        ("01", "GTIN", "07032069804988", None),
        ("15", "BEST BEFORE or BEST BY", "210526", "2021-05-26"),
        ("10", "BATCH/LOT", "0329", None),
        ("21", "SERIAL", "abc", None),
    ]
    assert (found.get("21"), found.get("99"), found.warnings) == ("abc", None, ())
    weighed = content_of("01950123456789033103000195", gs1=True)
    assert isinstance(weighed, content.GS1)
    assert weighed.elements[1].number == "0.195"
    shipped = content_of("00106141412345678908", gs1=True)
    assert isinstance(shipped, content.GS1)
    assert shipped.get("00") == "106141412345678908"


def test_what_claims_to_be_element_strings_and_is_not() -> None:
    pytest.importorskip("biip")
    found = content_of("hello", gs1=True)
    assert isinstance(found, content.GS1)
    assert (found.message, found.elements, names(found)) == ("hello", (), ["gs1"])


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://id.gs1.org/01/09506000134352/10/ABC1/21/12345?17=180426", ("01", "09506000134352")),
        ("HTTPS://ID.GS1.ORG/01/614141123452", ("01", "00614141123452")),
        ("https://example.com/some/path/00/106141412345678908?02=00614141123452&37=25", ("00", "106141412345678908")),
        ("https://example.com/414/9520123456788", ("414", "9520123456788")),
    ],
)
def test_digital_links(url: str, first: tuple[str, str]) -> None:
    pytest.importorskip("biip")
    found = content_of(url)
    assert isinstance(found, content.GS1DigitalLink)
    assert isinstance(found, content.URL)
    assert (found.elements[0].ai, found.elements[0].value) == first
    assert found.warnings == ()


@pytest.mark.parametrize("url", ["https://example.com/01/09506000134353", "https://example.com/2026/01/31"])
def test_addresses_without_a_key_are_addresses(url: str) -> None:
    assert type(content_of(url)) is content.URL


def test_without_biip_the_message_is_named_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("biip", "biip.gs1_messages", "biip.gs1_digital_link_uris"):
        monkeypatch.setitem(sys.modules, module, None)
    for found in (content_of("0107032069804988", gs1=True), content_of("https://id.gs1.org/01/09506000134352")):
        assert found.kind in ("gs1", "gs1-digital-link")
        assert found.to_dict()["elements"] == []
        assert "pip install 'fastqr[gs1]'" in found.warnings[0]


# Certificates, keys, currencies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoded",
    [
        "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5",  # Germany
        "6BFOXN%TSMAHN-H3YS1IK47ES6IXJR4E47X5*T9",  # Italy
        "6BFOXN TSMAHN-H1.OG:MR8E2*ORX4QF9W*9OJAU",  # the United Kingdom's, in the same envelope
    ],
)
def test_european_certificates_are_named(encoded: str) -> None:
    assert content_of(f"HC1:{encoded}") == content.EUCertificate(encoded)


def test_smart_health_cards_are_unwrapped() -> None:
    # The header {"zip":"DEF","alg":"ES256","kid":"3Kf…"} of the specification's example begins so.
    found = content_of("shc:/567629095243206034602924374044603122295953265460346029254077280433602870")
    assert isinstance(found, content.SmartHealthCard)
    assert found.jws == "eyJ6aXAiOiJERUYiLCJhbGciOiJFUzI1NiIs"
    assert (found.index, found.total) == (1, 1)
    assert content_of("shc:/2/3/5676") == content.SmartHealthCard("ey", 2, 3)
    assert content_of("shc:/4/3/5676").kind != "smart-health-card"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example",
            content.OneTimePassword("totp", "alice@google.com", "JBSWY3DPEHPK3PXP", "Example"),
        ),
        (
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ"
            "&algorithm=SHA512&digits=8&period=60",
            content.OneTimePassword(
                "totp", "john.doe@email.com", "HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ", "ACME Co", "SHA512", 8, 60
            ),
        ),
        (
            "otpauth://hotp/device-1?secret=JBSWY3DPEHPK3PXP&counter=7",
            content.OneTimePassword("hotp", "device-1", "JBSWY3DPEHPK3PXP", counter=7),
        ),
    ],
)
def test_keys_of_one_time_passwords(text: str, expected: content.OneTimePassword) -> None:
    assert content_of(text) == expected


@pytest.mark.parametrize(
    ("text", "currency", "address", "amount", "message"),
    [
        (
            "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount=50&label=Luke-Jr&message=Donation%20for%20project",
            "bitcoin",
            "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W",
            Decimal(50),
            "Donation for project",
        ),
        (
            "BITCOIN:BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ?AMOUNT=0.00001",
            "bitcoin",
            "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
            Decimal("0.00001"),
            None,
        ),
        (
            "ethereum:0x89205A3A3b2A69De6Dbf7f01ED13B2108B2c43e7@1/transfer?address=0x8e23&uint256=1",
            "ethereum",
            "0x89205A3A3b2A69De6Dbf7f01ED13B2108B2c43e7@1/transfer",
            None,
            None,
        ),
        ("lightning:LNBC1PVJLUEZ", "lightning", "LNBC1PVJLUEZ", None, None),
        ("monero:46BeWrHpw?tx_amount=239.39&tx_description=gift", "monero", "46BeWrHpw", Decimal("239.39"), "gift"),
    ],
)
def test_payments_in_digital_currencies(
    text: str, currency: str, address: str, amount: Decimal | None, message: str | None
) -> None:
    found = content_of(text)
    assert isinstance(found, content.CryptoPayment)
    assert (found.currency, found.address, found.amount, found.message) == (currency, address, amount, message)


# Addresses and what deceives --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scheme", "host", "path"),
    [
        ("https://example.org/a/b?c=d#e", "https", "example.org", "/a/b"),
        ("HTTP://EXAMPLE.ORG:8080/A", "http", "example.org", "/A"),
        ("www.example.org/x", "", "www.example.org", "/x"),
        ("example.org", "", "example.org", ""),
        ("example.museum:443/foobar", "", "example.museum", "/foobar"),
        ("ftp://example.org/fake", "ftp", "example.org", "/fake"),
        ("https://[2001:db8::1]:80/", "https", "[2001:db8::1]", "/"),
        ("https://bücher.example/", "https", "bücher.example", "/"),
        ("MEBKM:TITLE:Example;URL:https\\://example.org/;;", "https", "example.org", "/"),
        ("URLTO:Example:example.org", "", "example.org", ""),
        ("URL:https://example.org/", "https", "example.org", "/"),
        ("spotify:track:6rqhFgbbKwnb9MLmUQDhG6", "spotify", "", "track:6rqhFgbbKwnb9MLmUQDhG6"),
        ("market://details?id=org.example", "market", "details", ""),
        ("magnet:?xt=urn:btih:c12fe1", "magnet", "", ""),
    ],
)
def test_addresses(text: str, scheme: str, host: str, path: str) -> None:
    found = content_of(text)
    assert isinstance(found, content.URL)
    assert (found.scheme, found.host, found.path, found.warnings) == (scheme, host, path, ())
    assert found.title == ("Example" if "Example" in text else None)


def test_an_address_is_taken_apart() -> None:
    found = content_of("https://example.org:8443/a?b=c&d#e")
    assert found == content.URL("https://example.org:8443/a?b=c&d#e", "https", "example.org", 8443, "/a", "b=c&d", "e")


@pytest.mark.parametrize(
    ("url", "warnings", "host"),
    [
        ("https://www.bank.example@evil.example/login", ["user-info"], "evil.example"),
        ("https://bank.example:443@evil.example", ["user-info"], "evil.example"),
        ("https:///bank.example@evil.example", ["user-info"], "evil.example"),
        ("www.bank.example@evil.example/login", ["user-info"], "evil.example"),
        ("https://xn--80ak6aa92e.com/", ["punycode", "look-alike"], "xn--80ak6aa92e.com"),
        ("https://xn--bcher-kva.example/", ["punycode"], "xn--bcher-kva.example"),
        ("https://xn--\u00e9.example/", ["punycode"], "xn--\u00e9.example"),
        ("https://аррӏе.com/", ["look-alike"], "аррӏе.com"),
        ("https://gооgle.com/", ["mixed-scripts"], "gооgle.com"),
        ("https://pαypal.com/", ["mixed-scripts"], "pαypal.com"),
        ("https://ｅvil.example/", ["normalised"], "evil.example"),
        ("https://good.example／.evil.example/", ["normalised"], "good.example/.evil.example"),
        ("https://good。evil.example/", ["normalised"], "good.evil.example"),
        ("https://ev%69l.example/", ["percent"], "evil.example"),
        ("https://good.example\\@evil.example/", ["backslash"], "good.example"),
        ("https:\\\\evil.example", ["backslash"], "evil.example"),
        ("http://2130706433/", ["numeric-host"], "2130706433"),
        ("http://0x7f.1/", ["numeric-host"], "0x7f.1"),
        ("http://0177.0.0.1/", ["numeric-host"], "0177.0.0.1"),
        ("https://exam\tple.org/", ["control"], "example.org"),
        ("https://example.org/\x07", ["control"], "example.org"),
        ("https://example.org/\u202egpj.exe", ["bidi"], "example.org"),
        ("https://example.org/\u200fx", ["bidi"], "example.org"),
        ("https://exam\u200bple.org/", ["hidden"], "exam\u200bple.org"),
        ("https://exam\u200dple.org/", ["hidden"], "exam\u200dple.org"),
        ("javascript:alert(1)", ["active"], ""),
        ("data:text/html,<script>alert(1)</script>", ["active"], ""),
    ],
)
def test_addresses_that_deceive_are_told(url: str, warnings: list[str], host: str) -> None:
    found = content_of(url)
    assert isinstance(found, content.URL)
    assert (names(found), found.host) == (warnings, host)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/@name",
        "https://example.org/?q=a@b.example",
        "https://müller.example/straße",
        "https://почта.рф/",
        "https://сахар.рф/",
        "https://日本語カタカナabc.jp/",
        "https://한국abc.kr/",
        "https://例え.テスト/",
        "https://پدیده.ایران/",
        "https://192.168.0.1/admin",
        "http://localhost:8000/",
        "https://123.example/",
    ],
)
def test_honest_addresses_are_not_suspected(url: str) -> None:
    assert content_of(url).warnings == ()


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("see https://good.example@evil.example/ now", ["user-info"]),
        ("one\ntwo\tthree\r\n", []),
        ("\x1b[31mred", ["control"]),
        ("abc\u202etxt.exe", ["bidi"]),
        ("שלום\u200f!", []),
        ("👩\u200d👧 می\u200cخواهم", []),
        ("\ufeffwith a mark of order", []),
        ("pay\u200bload", ["hidden"]),
        ("x" + "".join(chr(0xE0000 + ord(letter)) for letter in "hi"), ["hidden"]),
        ("[)>\x1e06\x1dP123\x1e\x04", []),
        ("not\x1ddata", ["control"]),
        ("WIFI:S:ne\u200bt;T:WPA;P:x;;", ["hidden"]),
        ("BEGIN:VCARD\nFN:x\nURL:https://a.example@b.example\nEND:VCARD", ["user-info"]),
        ("MECARD:N:x;URL:www.a.example@b.example;;", ["user-info"]),
    ],
)
def test_what_does_not_show_in_a_text_is_told(text: str, warnings: list[str]) -> None:
    assert names(content_of(text)) == warnings


def test_many_characters_that_do_not_show_are_one_warning() -> None:
    warnings = content_of(bytes(range(256)).decode("latin-1")).warnings
    assert [warning.partition(":")[0] for warning in warnings] == ["hidden", "control"]  # a soft hyphen, 60 controls
    assert content_of("\x00\x01").warnings == ("control: control characters: U+0000, U+0001",)
    assert content_of("".join(map(chr, range(9)))).warnings == (
        "control: control characters: U+0000, U+0001, U+0002, U+0003 and 5 more",
    )


# Any text at all --------------------------------------------------------------------------------------------------

BEGINNINGS = [
    "WIFI:S:", "MECARD:N:", "BIZCARD:N:", "BEGIN:VCARD\n", "BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=",
    "BEGIN:VEVENT\n", "BEGIN:VEVENT\nDTSTART:", "BEGIN:VEVENT\nDTSTART:20200101\nDURATION:P", "mailto:", "MATMSG:TO:",
    "SMTP:", "tel:", "sms:", "SMSTO:1:", "geo:", "geo:0,0?q=", "BCD\n002\n1\nSCT\n\nx\nx\nEUR",
    "SPC\n0200\n1\n" + "x\n" * 25, "upi://pay?pa=", "ST00012|PersonalAcc=1|Sum=", "HC1:", "shc:/",
    "otpauth://totp/x?secret=", "bitcoin:", "https://", "https://x/01/", "http://xn--", "MEBKM:URL:", "URLTO::",
    "[)>\x1e", "javascript:", "www.",
]  # fmt: skip
MARKS = ':;\\\n\r=&?%@/|".,1x \t\x1d\u202e'
ANY_TEXT = st.text(st.characters() | st.sampled_from(MARKS))


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(["", *BEGINNINGS]), ANY_TEXT, st.none() | st.binary(max_size=40), st.booleans())
@example("https://", "[\u2460", None, False)
@example("BEGIN:VCARD\n", "N;CHARSET=\x00;ENCODING=Q:=00", None, False)
@example("", "\ud800", None, False)
def test_no_text_is_an_error(beginning: str, rest: str, data: bytes | None, gs1: bool) -> None:
    text = beginning + rest
    found = content_of(text, data, gs1=gs1)
    assert found == content_of(text, data, gs1=gs1)
    assert hash(found) == hash(content_of(text, data, gs1=gs1))
    record = json.loads(json.dumps(found.to_dict()))
    assert record["kind"] == found.kind
    assert all(isinstance(warning, str) and ": " in warning for warning in found.warnings)
    assert repr(found).startswith(type(found).__name__ + "(")


MOST = 7089  # digits, the most that a symbol holds


@pytest.mark.parametrize("filling", [*'\\;a1.:\n="@ é', "\u200b", "%41", "a.", "xn--", "\\;", ";N:", "=\n", "&a="])
def test_time_grows_no_faster_than_the_text(filling: str) -> None:
    for beginning in ("", *BEGINNINGS):
        text = (beginning + filling * MOST)[:MOST]
        spent = []
        while len(spent) < 5 and (not spent or spent[-1] >= 0.25):  # a busy machine may stall once
            start = time.process_time()
            content_of(text, text.encode())
            content_of(text, text.encode(), gs1=True)
            spent.append(time.process_time() - start)
        assert min(spent) < 0.25, beginning  # usually a hundredth of that
