"""Cut sets and Fussell-Vesely of the worked model: `analyses.md` sections 2 and 3."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

SINGLES = ["api", "cdn", "cloud-x", "identity", "orders-db", "payments", "web"]
UNAVAILABILITY = Decimal("0.001100049545")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    example = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
    with serving(seeded(tmp_path_factory.mktemp("checkout") / "store.db", Path(example))) as client:
        yield client


def test_the_worked_model_has_seven_single_points_and_one_pair(checkout: Client) -> None:
    shown = "cutSets { totalCount cappedBy nodes { order probability structural entities { key } } }"
    found = checkout.view(f'transaction(key: "checkout") {{ {shown} }}')["transaction"]["cutSets"]
    sets = [[entity["key"] for entity in node["entities"]] for node in found["nodes"]]
    assert sets[0] == ["orders-db"]
    assert sorted(sets) == sorted([[key] for key in SINGLES] + [["psp-a", "psp-b"]])
    assert found["nodes"][-1] == {
        "order": 2,
        "probability": "0.0000005",
        "structural": False,
        "entities": [{"key": "psp-a"}, {"key": "psp-b"}],
    }
    assert (found["totalCount"], found["cappedBy"]) == (8, None)


def test_a_shorter_list_or_a_lower_order_says_what_capped_it(checkout: Client) -> None:
    shown = "few: cutSets(first: 2) { totalCount cappedBy nodes { order } } low: cutSets(maxOrder: 1) { cappedBy }"
    found = checkout.view(f'transaction(key: "checkout") {{ {shown} }}')["transaction"]
    assert found["few"] == {"totalCount": 8, "cappedBy": "FIRST", "nodes": [{"order": 1}, {"order": 1}]}
    assert found["low"] == {"cappedBy": "ORDER"}


@pytest.mark.parametrize("arguments", ["maxOrder: 0", "maxOrder: 4", "first: -1", "first: 1001"])
def test_what_cannot_be_listed_is_bad_input_and_the_sibling_is_answered(checkout: Client, arguments: str) -> None:
    shown = f"bad: cutSets({arguments}) {{ totalCount }} good: cutSets {{ totalCount }}"
    found = checkout.answer(f'{{ topology {{ transaction(key: "checkout") {{ {shown} }} }} }}')
    assert [error["extensions"]["code"] for error in found["errors"]] == ["BAD_USER_INPUT"]
    assert found["data"]["topology"]["transaction"] == {"bad": None, "good": {"totalCount": 8}}


def test_fussell_vesely_is_the_cut_sets_share_and_not_the_criticality(checkout: Client) -> None:
    shown = "composite { contributions(first: 20) { entity { key } criticality fussellVesely } }"
    found = checkout.view(f'transaction(key: "checkout") {{ {shown} }}')["transaction"]["composite"]["contributions"]
    share = {row["entity"]["key"]: Decimal(row["fussellVesely"]) for row in found}
    assert abs(share["orders-db"] - Decimal("0.0005") / UNAVAILABILITY) < Decimal("1e-9")
    assert abs(share["psp-a"] - Decimal("0.0000005") / UNAVAILABILITY) < Decimal("1e-9")
    assert share["psp-a"] == share["psp-b"]
    assert all(
        Decimal(row["criticality"]) != share[row["entity"]["key"]] for row in found if share[row["entity"]["key"]]
    )
