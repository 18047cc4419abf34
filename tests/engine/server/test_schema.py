"""T12: whatever the published schema allows, and much it does not: no 5xx, and nothing without the token."""

import httpx
import pytest
import schemathesis
from engines import TOKEN
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

ROUTES = [
    "DELETE /v1/videos/{video_id}",
    "GET /health",
    "GET /v1/models",
    "GET /v1/videos",
    "GET /v1/videos/{video_id}",
    "GET /v1/videos/{video_id}/content",
    "HEAD /v1/videos/{video_id}/content",
    "POST /v1/videos",
    "POST /v1/videos/{video_id}/cancel",
]


WITH_FIELDS = ("GET /v1/videos", "GET /v1/videos/{video_id}/content", "POST /v1/videos")
"""Routes with a value that can be illegal."""


@pytest.fixture(scope="session")
def operations(served):
    document = httpx.get(f"{served.url}/openapi.json", headers={"authorization": f"Bearer {TOKEN}"}).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=served.url)
    found = [result.ok() for result in schema.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def test_every_route_is_tried(operations):
    assert sorted(operations) == sorted(ROUTES)


def attack(operation, mode, cases, judge):
    """`cases` requests out of the schema: the same ones in every run of the suite, new ones in a soak."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=cases < MANY,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def tried(case):
        judge(case)

    tried()


def no_5xx(case):
    answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and case.method != "HEAD":
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def nothing_without_the_token(case):
    answer = case.call(headers={"Authorization": "Bearer of-nothing"}, timeout=60)
    assert answer.status_code == (200 if case.path == "/health" else 401), answer.text


MANY = 100
CASES = [(route, GenerationMode.POSITIVE) for route in ROUTES]
CASES += [(route, GenerationMode.NEGATIVE) for route in ROUTES if route in WITH_FIELDS]


@pytest.mark.parametrize(("route", "mode"), CASES)
def test_no_request_makes_a_5xx(operations, route, mode):
    attack(operations[route], mode, 8, no_5xx)


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_read_or_done_without_the_token(operations, route):
    attack(operations[route], GenerationMode.POSITIVE, 3, nothing_without_the_token)


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("route", "mode"), CASES)
def test_a_hundred_requests_make_no_5xx(operations, route, mode):
    attack(operations[route], mode, MANY, no_5xx)


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("route", ROUTES)
def test_a_hundred_requests_get_nothing_without_the_token(operations, route):
    attack(operations[route], GenerationMode.POSITIVE, MANY, nothing_without_the_token)
