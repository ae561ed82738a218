"""GraphiQL in a browser: one page under a strict policy, all of whose assets this application serves."""

import secrets
from pathlib import Path

import orjson
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

ASSETS = Path(__file__).resolve().parent / "static" / "graphiql"
STATIC_PATH = "/static/graphiql"
_NEEDED = ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "react-dom.production.min.js")
_TABS = (
    (
        "promises.graphql",
        """# What the company promises, worst first: is it kept by what lies beneath it?
query Promises {
  topology {
    at
    revision { number }
    freshness { storeReachable ageSeconds }
    commitments(first: 10) {
      totalCount
      nodes {
        key
        budgetMinutes
        headroom { verdict expectedMinutes guaranteedMinutes reasons }
      }
    }
  }
}
""",
    ),
    (
        "checkout.graphql",
        """# One transaction: its availability, what dominates it, what stops it alone.
query Checkout {
  topology {
    transaction(key: "checkout") {
      name
      composite {
        expected { percent minutesPer30Days nines }
        guaranteedFloor { percent }
        completeness
        missing { entity { key } reason }
        contributions(first: 5) { entity { key } minutesPer30Days share }
      }
      singlePointsOfFailure { subject { ... on Entity { key name } } hidden minutesPer30Days }
    }
  }
}
""",
    ),
    (
        "failure.graphql",
        """# An outage of one hour: who is hurt, when promises break, whom to call; and what stops most transactions.
query Failure {
  topology {
    cascade(failed: [{ entity: "az-a" }], minutes: 60) {
      counts { down degraded atRisk spared }
      transactions { transaction { key } state onsetMinutes minutesDown revenueLost { amount currency } }
      breaches { commitment { key } remainingMinutes remainingIsAssumed minutesToBreach }
      impacts(first: 10) {
        nodes { entity { key } state onsetMinutes witness { key } contacts { name phone responseMinutes } }
      }
      newSinglePointsOfFailure { entity { key } transactions { key } }
    }
    singlePointsOfFailure(level: VENDOR, first: 5) {
      nodes { subject { ... on Vendor { key name } } transactions { key } }
    }
  }
}
""",
    ),
    (
        "change.graphql",
        """# What would change, without writing it: dryRun plans only.
mutation TryAChange {
  submitChanges(
    input: {
      reason: "A second look at the vault"
      dryRun: true
      changes: [{ setOwnAvailability: { entity: "secrets-vault", percent: "99.99" } }]
    }
  ) {
    ... on ChangesApplied { revision { number } summary { added changed removed } dryRun }
    ... on ChangesRejected { issues { path code message } }
    ... on RevisionConflict { expected actual }
  }
}
""",
    ),
)
_START = """
const tabs = JSON.parse(document.getElementById("tabs").textContent);
const fetcher = GraphiQL.createFetcher({ url: window.location.pathname });
const asked = new URLSearchParams(window.location.search).get("query");
const shown = asked ? [{ query: asked }].concat(tabs) : tabs;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultTabs: shown, defaultEditorToolsVisibility: false })
);
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Underpin</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}/graphiql.min.css">
<style nonce="{nonce}">html, body, #graphiql {{ height: 100%; margin: 0 }}</style>
</head>
<body>
<div id="graphiql">Loading ...</div>
<script type="application/json" id="tabs" nonce="{nonce}">{tabs}</script>
<script nonce="{nonce}" src="{static}/react.production.min.js"></script>
<script nonce="{nonce}" src="{static}/react-dom.production.min.js"></script>
<script nonce="{nonce}" src="{static}/graphiql.min.js"></script>
<script nonce="{nonce}">{start}</script>
</body>
</html>
"""
_MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Underpin</title><link rel="icon" href="data:,"></head>
<body>
<h1>GraphiQL is not installed</h1>
<p>Its files are fetched when Underpin is installed, and that did not work here. Run <code>make graphiql</code> in the
checkout and load this page again.</p>
<p>The API itself works: send a POST to this address.</p>
</body>
</html>
"""


def wants_page(headers: Headers) -> bool:
    """Whether this is a person's browser rather than a client of the API."""
    accept = headers.get("accept", "").lower()
    return "text/html" in accept and "application/graphql-response+json" not in accept


def page_response(assets: Path = ASSETS) -> Response:
    """The page, or what to do about its missing files.

    Args:
        assets: where GraphiQL's files should be.
    """
    nonce = secrets.token_urlsafe(16)
    if not all((assets / name).is_file() for name in _NEEDED):
        return HTMLResponse(_MISSING, 200, _headers(nonce))
    tabs = orjson.dumps([{"query": query} for _, query in _TABS]).decode().replace("<", "\\u003c")
    page = _PAGE.format(static=STATIC_PATH, nonce=nonce, tabs=tabs, start=_START)
    return HTMLResponse(page, 200, _headers(nonce))


def _headers(nonce: str) -> dict[str, str]:
    policy = (
        "default-src 'none'",
        f"script-src 'self' 'nonce-{nonce}'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {"Content-Security-Policy": "; ".join(policy), "Cache-Control": "no-store", "Vary": "Accept"}
