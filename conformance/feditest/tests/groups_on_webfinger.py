"""What WebFinger (RFC 7033) must say of a node, in the judgement of FediTest's own client and reader."""

from feditest import InteropLevel, SpecLevel, assert_that, test
from feditest.protocols.webfinger import WebFingerServer
from feditest.protocols.webfinger.diag import WebFingerDiagClient
from hamcrest import empty, equal_to, has_entries, has_item, is_not, none, starts_with

ACTIVITY_JSON = "application/activity+json"


def expect(actual: object, matcher: object) -> None:
    """Every rule here is one that others rely on."""
    assert_that(actual, matcher, spec_level=SpecLevel.MUST, interop_level=InteropLevel.PROBLEM)


def address(server: WebFingerServer, query: str) -> str:
    """Of the WebFinger document that `query` asks for."""
    return f"https://{server.hostname}/.well-known/webfinger{query}"


@test
def a_group_is_found(client: WebFingerDiagClient, server: WebFingerServer) -> None:
    """The answer is a valid JRD whose subject is who was asked for, with one actor."""
    account = server.obtain_account_identifier()
    answer = client.diag_perform_webfinger_query(account)
    expect(answer.exceptions, empty())
    expect(answer.jrd, is_not(none()))
    expect(answer.jrd.subject(), equal_to(account))
    actor = has_entries(rel="self", type=ACTIVITY_JSON, href=starts_with("https://"))
    expect(answer.jrd.links(), has_item(actor))


@test
def links_can_be_chosen(client: WebFingerDiagClient, server: WebFingerServer) -> None:
    """`rel` leaves the links of that relation, and nothing else changes."""
    answer = client.diag_perform_webfinger_query(server.obtain_account_identifier(), rels=["self"])
    expect([link["rel"] for link in answer.jrd.links()], equal_to(["self"]))


@test
def pages_of_others_may_ask(client: WebFingerDiagClient, server: WebFingerServer) -> None:
    """A JRD may be read by scripts of any origin, and says what it is."""
    account = server.obtain_account_identifier()
    response = client.http_get(address(server, f"?resource={account}")).response
    headers = response.response_headers
    expect(headers.get("access-control-allow-origin"), equal_to("*"))
    expect(headers.get("content-type"), starts_with("application/jrd+json"))


@test
def what_is_malformed_is_refused(client: WebFingerDiagClient, server: WebFingerServer) -> None:
    """No resource, no scheme, one `=` too many: 400."""
    account = server.obtain_account_identifier()
    for query in ("", "?resource=", f"?resource={account[5:]}", f"?resource=={account}"):
        expect(client.http_get(address(server, query)).response.http_status, equal_to(400))


@test
def who_is_not_here_is_not_found(client: WebFingerDiagClient, server: WebFingerServer) -> None:
    """Another name, another host, another kind of address: 404."""
    nobody = server.obtain_non_existing_account_identifier()
    for resource in (nobody, "acct:alder@elsewhere.example", "mailto:someone@elsewhere.example"):
        response = client.http_get(address(server, f"?resource={resource}")).response
        expect(response.http_status, equal_to(404))
