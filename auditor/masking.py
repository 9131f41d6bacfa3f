"""Personal data → what may be printed: keyed pseudonyms, and for free text only whether it is there.

The tags are those of the record contract (`Field.personal`): `id`, `name`, `phone`, `id_number`, `search_term`, `free_text`, or none.
A pseudonym is HMAC-SHA256 under the site's key, so that a reader sees that two findings concern the same customer and nobody
finds the customer by trying all phone numbers. It shows no character of what it stands for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

BLANK, ON_RECORD = "(blank)", "(on record)"
"""All that is ever said of free text, also where masking is off."""

HIDDEN = "(hidden)"
"""Stands in error texts for a value that may be personal."""

MINIMUM_KEY_BYTES = 16

_PREFIX = {"id": "C", "name": "N", "phone": "T", "id_number": "D", "search_term": "S"}
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U, which are misread on paper
_LETTERS = 12  # 60 bits: ten million customers share a pseudonym with a chance of 1 in 20,000
_PAIRS = [low + high for high in _ALPHABET for low in _ALPHABET]
"""Two letters for each number of ten bits, the lower five first."""

_STATEMENT = re.compile(r"\s*\[(?:SQL|parameters|cached since|generated in)\b.*", re.DOTALL)
_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):[^\s/]*@")
_KEY_DETAIL = re.compile(r"=\s*\([^()]*\)")
_QUOTED = re.compile(r"(?:(?<!\w)|(?<=\b[bBuUrRN]))'((?:[^'\n]|'')*)'|\"([^\"\n]*)\"|“([^”\n]*)”|「([^」\n]*)」|`([^`\n]*)`")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().-]?\d){5,}[Xx]?(?![\w])")
_MOBILE = re.compile(r"\s*(?:(?:\+|00)?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}\s*")
_IDENTITY = re.compile(r"\s*[1-9]\d{5}(?:19|20)\d{9}[\dXx]\s*")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")


class Masker:
    """Masks the values of one run.

    `site_key`: at least 16 bytes; None makes a key for this run alone (`own_key` is then true, and the run must say that its
    pseudonyms and digests compare with no other run). `unmask`: print personal data as they stand (free text never).
    Raises ValueError where the key is too short to keep anything.
    """

    def __init__(self, site_key: bytes | None = None, unmask: bool = False) -> None:
        if site_key is not None and len(site_key) < MINIMUM_KEY_BYTES:
            raise ValueError(
                f"the site key has {len(site_key)} bytes: give at least {MINIMUM_KEY_BYTES}, made at random, in AUDITOR_KEY or the key file"
            )
        self.own_key = site_key is None
        self.unmask = unmask
        # Each digest starts from a copy: setting up the key costs more than a short text.
        self._keyed = hmac.new(secrets.token_bytes(32) if site_key is None else site_key, digestmod=hashlib.sha256)

    def __repr__(self) -> str:
        return f"Masker(own_key={self.own_key}, unmask={self.unmask})"

    def keyed(self, purpose: str, content: bytes) -> str:
        """HMAC-SHA256 of the content as 64 hex digits; one purpose's value says nothing of another's."""
        return self._digest(purpose.encode() + b"\0" + content).hex()

    def digest(self, canonical_row: bytes) -> str:
        """The contract's digest of a source row: HMAC-SHA256 over the canonical row, as 64 hex digits."""
        return self._digest(canonical_row).hex()

    def pseudonym(self, tag: str, value: str) -> str:
        """The stable pseudonym of a value, for instance `C-7F3K9Q2MZX4P`; spelling variants of one phone or identity number share it."""
        number = int.from_bytes(self._digest(f"pseudonym:{tag}\0{_plain(tag, value)}".encode()))
        letters = "".join([_PAIRS[number >> bits & 1023] for bits in range(0, 5 * _LETTERS, 10)])
        return f"{_PREFIX[tag]}-{letters}"

    def value(self, tag: str, value: Any) -> Any:
        """The value as it may be printed under its field's tag; a blank stays None, but free text says `(blank)` or `(on record)`."""
        if tag == "free_text":
            return BLANK if value is None or not str(value).strip() else ON_RECORD
        if value is None or not tag or self.unmask:
            return value
        if tag not in _PREFIX:
            raise ValueError(f"personal tag {tag!r} is unknown: use one of {', '.join([*_PREFIX, 'free_text'])}")
        return self.pseudonym(tag, str(value))

    def values(self, tag: str, values: Sequence[Any]) -> list[Any]:
        """Values of one field as they may be printed (each different one is worked out once)."""
        if not tag or (self.unmask and tag != "free_text"):
            return list(values)
        masked = {text: self.value(tag, text) for text in {str(value) for value in values if value is not None}}
        blank = self.value(tag, None)
        return [blank if value is None else masked[str(value)] for value in values]

    def column(self, tag: str, values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """A whole column as it may be printed (each different value is worked out once)."""
        if not tag or (self.unmask and tag != "free_text"):
            return values
        if tag == "free_text":
            blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(values.cast(pa.string())), ""), True)
            return pc.if_else(blank, BLANK, ON_RECORD)
        different = pc.unique(values).drop_null()
        masked = pa.array([self.value(tag, v) for v in different.to_pylist()], pa.string())
        return masked.take(pc.index_in(values, value_set=different))

    def _digest(self, content: bytes) -> bytes:
        """HMAC-SHA256 under the site's key, 32 bytes."""
        code = self._keyed.copy()
        code.update(content)
        return code.digest()

    def row(self, tags: dict[str, str], row: dict[str, Any]) -> dict[str, Any]:
        """A row of named values as it may be printed; `tags`: field → tag."""
        return {name: self.value(tags.get(name, ""), value) for name, value in row.items()}

    def scrub(self, text: str, keep: Collection[str] = ()) -> str:
        """An error text of a driver or a library, fit for a screen or a log.

        Statements with their parameters, what stands in quotes (but for the words to `keep`: tables, columns), key details, mail
        addresses and numbers of six digits or more are hidden; times stay. A password in a URL is hidden also where masking is off.
        """
        text = _PASSWORD.sub(r"\1:***@", text)
        if self.unmask:
            return text
        text = _STATEMENT.sub("", text)
        text = _KEY_DETAIL.sub(f"={HIDDEN}", text)
        text = _QUOTED.sub(lambda quoted: _kept(quoted, keep), text)
        text = _MAIL.sub(HIDDEN, text)
        return _NUMBER.sub(lambda number: number[0] if _INSTANT.match(number[0]) else HIDDEN, text)


def looks_personal(value: str | None) -> str:
    """The tag of a value that is by its look a mobile phone's number or an identity number, whatever field it stands in; else ""."""
    text = _ascii_digits(value or "")
    return "phone" if _MOBILE.fullmatch(text) else "id_number" if _IDENTITY.fullmatch(text) else ""


def _plain(tag: str, value: str) -> str:
    """One spelling for one phone or identity number, whatever separators and country code were typed."""
    if tag == "phone":
        digits = re.sub(r"[^\d]", "", _ascii_digits(value))
        short = re.sub(r"^(?:00)?86(?=1\d{10}$|0\d{9,11}$)", "", digits)
        return short or value.strip()
    if tag == "id_number":
        return re.sub(r"[\s-]", "", _ascii_digits(value)).upper()
    return value.strip()


def _ascii_digits(value: str) -> str:
    return value.translate({ord("０") + i: str(i) for i in range(10)} | {ord("＋"): "+"})


def _kept(quoted: re.Match[str], keep: Collection[str]) -> str:
    content = next(group for group in quoted.groups() if group is not None)
    return quoted[0] if content in keep else quoted[0][0] + HIDDEN + quoted[0][-1]
