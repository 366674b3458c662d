"""Base58btc behind a multibase `z`, as Multikeys and proofs carry it (draft-multiformats-multibase)."""

from federation.signatures.errors import UnusableKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
_MAX_LENGTH = 1024  # decoding is quadratic; an RSA-4096 Multikey has 724 characters


def decode_base58btc(multibase: str) -> bytes:
    """The bytes of a multibase string; raises UnusableKey unless it is base58btc."""
    if not multibase.startswith("z") or len(multibase) > _MAX_LENGTH:
        raise UnusableKey("The Multikey is not base58btc.")
    text = multibase[1:]
    number = 0
    for character in text:
        digit = _DIGITS.get(character)
        if digit is None:
            raise UnusableKey("The Multikey is not base58btc.")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base58btc(data: bytes) -> str:
    """Bytes as a multibase string."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits
