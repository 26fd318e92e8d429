"""XML from outside as plain elements, without the declarations with which a few lines grow into gigabytes."""

# Documents with a DOCTYPE are refused before parsing.
import xml.etree.ElementTree as ElementTree  # nosec B405


def parse_plain_xml(content: bytes) -> ElementTree.Element:
    """Return the root element of a document in UTF-8 or Latin-1; raises ValueError that says what is wrong.

    The text that was looked at is the text that is parsed, whatever encoding it declares: in another one, a DOCTYPE
    would be written in other bytes.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("has a DOCTYPE or entities, and needs neither")
    try:
        # See the import.
        return ElementTree.fromstring(text)  # nosec B314
    except ElementTree.ParseError as error:
        raise ValueError(f"is no XML in UTF-8: {error}") from error
