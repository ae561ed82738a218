"""Small companies as native files, to import, to spoil and to check."""

import json
from pathlib import Path
from typing import Any

HEAD = "underpin: 1\nsource: {source}\nas_of: 2026-06-30\n"

SHOP = """\
underpin: 1
source: shop
as_of: 2026-06-30
parties:
  - {id: shop, kind: self}
  - {id: customers, kind: customer}
  - {id: host-inc, kind: vendor}
entities:
  - {id: buy, kind: transaction, owner: shop, needs: [web]}
  - {id: web, kind: service, owner: shop, availability: 99.99%, needs: [host]}
  - {id: host, kind: external, provider: host-inc}
agreements:
  - {id: sla, type: sla, provider: shop, targets: [{covers: buy, metric: availability, min: 99.5%}]}
  - {id: uc, type: uc, provider: host-inc, consumer: shop, targets: [{covers: host, metric: availability, min: 99.9%}]}
"""
"""Sound: buy promises 99.5 %, what lies beneath it comes to 0.9999 x 0.999 = 99.8901 %."""


def components(source: str, *keys: str) -> str:
    """A source of bare components."""
    return HEAD.format(source=source) + "entities:\n" + "".join(f"  - {{id: {key}, kind: component}}\n" for key in keys)


def written(folder: Path, name: str, text: str) -> Path:
    """A file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def said(text: str) -> Any:
    """What a command answered with --json."""
    return json.loads(text)
