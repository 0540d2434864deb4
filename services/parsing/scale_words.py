"""Words and letters for thousands, millions and so on, in the languages of the files that people send.

A word has one factor for each group of files that uses it so. "Mio" is a million everywhere; "mil" is a thousand in
Spanish and Portuguese and a million in English: what the other words of its column tell (`groups_of`) decides, and
where they don't, it has no factor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

ALWAYS, COMMA_FILES = "always", "files with a decimal comma"

# A power of ten, the group that uses the words so, and the words, with _ for a space.
_WORDS = """
3 always: k K thousand thousands thsd thou Tsd Tausend mille millier milliers mila migliaia duizend dzd tys tysiąc tysiące
3 always: tysięcy tis tisíc tisíce ezer tusen tusind tuhat tuhatta тыс тысяч тысяча тысячи тис χιλ χιλιάδες 千 仟 천
3 always: हज़ार हजार hazar ألف אלף พัน ribu nghìn ngàn miles
3 iberian: mil Mil
3 turkish: bin
3 german: T
3 finance: M
4 always: 万 萬 만
5 always: lakh lakhs lac lacs लाख 十万 十萬 십만
5 indian: L
6 always: million millions mn mln mio m millón millones milhão milhões milione milioni miljoen miljoner millioner milyon
6 always: млн миллион миллиона миллионов εκατ εκατομμύρια 百万 百萬 백만 juta triệu مليون מיליון ล้าน Millionen
6 always: milion miliony milionů milionów millió miljoonaa milj mill
6 always: MM mm Mn MN
6 usual: M
6 english: mil Mil
6 czech: mil Mil
6 grafana: Mil
6 iberian: mi
6 indonesian: jt
6 vietnamese: tr
6 china: 兆
7 always: crore crores करोड़ 千万 千萬 천만
7 indian: Cr cr CR Crs crs
8 always: 亿 億 억
9 always: bn Bn BN bln B b G Mrd Milliarde Milliarden Mia milliard milliards Mds Md miliard miliardy miliardów mld miljard
9 always: miljarder miljarden milliarder mdr miliardo miliardi mil_millones bilhão bilhões milyar млрд миллиард миллиарда
9 always: अरब миллиардов δισ tỷ مليار miliar milliárd Bil
9 usual: billion billions
9 english: Bio
9 iberian: bi
9 indonesian: M
12 always: Tn TN bilion biliony bilionów
12 always: tn trn Billionen billón billones biljoen bilião biliões трлн triliun trilhão trilhões 조 Tri
12 usual: trillion trillions
12 long: billion billions
12 german: Bio
12 english: T
12 grafana: T
12 si: T
12 iberian: tri
12 taiwan: 兆
15 always: Quadr P
18 always: Quint
18 long: trillion trillions
"""

# The groups that a word makes its column one of.
_TELLING = """
german: Tsd Tausend Mrd Milliarde Milliarden Mia Billionen
long: Mrd Milliarde Milliarden Mia milliard milliards Mds Md mld miljard miljarder miliard Billionen bilion
english: thousand thousands bn Bn BN bln
iberian: millones millón milhão milhões mil_millones bilhão bilhões billones miles
indian: lakh lakhs lac lacs crore crores लाख करोड़ अरब
grafana: Bil Tri Quadr Quint
czech: tis tisíc tisíce milion miliony milionů mld
finance: MM
si: G P
indonesian: ribu juta miliar triliun
vietnamese: nghìn ngàn triệu tỷ
turkish: milyon milyar
taiwan: 億 萬
china: 亿 万
"""
USUAL = "usual"
MAX_CHARACTERS = 24


@dataclass(frozen=True)
class Scale:
    """A word for a scale, and its factor by the group of files that uses it so."""

    word: str
    factors: Mapping[str, Fraction]

    @property
    def is_sign(self) -> bool:
        """Whether it is one or two letters, as units are: k, M, bn."""
        return self.word.isascii() and len(self.word) <= 2

    def factor(self, groups: frozenset[str]) -> Fraction | None:
        """Return the factor in a column of these groups; None where it could be more than one."""
        if ALWAYS in self.factors:
            return self.factors[ALWAYS]
        meant = {self.factors[group] for group in groups & self.factors.keys()}
        if not meant and USUAL in self.factors and not ("long" in self.factors and COMMA_FILES in groups):
            return self.factors[USUAL]
        return meant.pop() if len(meant) == 1 else None

    def is_decided_by(self, groups: frozenset[str]) -> bool:
        """Return whether these groups give it its factor, which it wouldn't have, or not so, in another file."""
        return ALWAYS not in self.factors and bool(groups & self.factors.keys())

    @property
    def all_factors(self) -> list[Fraction]:
        """Every factor that it has anywhere, from small to large."""
        return sorted(set(self.factors.values()))


def _lines(table: str) -> Iterable[tuple[str, list[str]]]:
    for line in table.strip().splitlines():
        head, _, words = line.partition(": ")
        yield head, [word.replace("_", " ") for word in words.split()]


def _scales() -> dict[str, Scale]:
    table: dict[str, dict[str, Fraction]] = {}
    for head, words in _lines(_WORDS):
        power, _, group = head.partition(" ")
        for word in words:
            table.setdefault(word, {})[group] = Fraction(10) ** int(power)
    return {word: Scale(word, factors) for word, factors in table.items()}


SCALES = _scales()
FOLDED = {word.casefold(): scale for word, scale in SCALES.items() if len(word) > 2 and word != "Mil"}
TELLING = {group: frozenset(words) for group, words in _lines(_TELLING)}


@lru_cache(maxsize=4096)
def scale_named(word: str) -> Scale | None:
    """Return the scale that `word` is, in any case where it is more than a sign of one or two letters."""
    plain = word.removesuffix(".")
    if not plain or len(plain) > MAX_CHARACTERS:
        return None
    return SCALES.get(plain) or (FOLDED.get(plain.casefold()) if len(plain) > 2 else None)


def groups_of(words: Iterable[str], decimal_comma: bool = False) -> frozenset[str]:
    """Return the groups that a column's words tell: "german" of Mrd, "grafana" of Bil."""
    known = {scale.word for word in words if (scale := scale_named(word)) is not None}
    groups = {group for group, telling in TELLING.items() if known & telling}
    return frozenset(groups | {COMMA_FILES} if decimal_comma else groups)
