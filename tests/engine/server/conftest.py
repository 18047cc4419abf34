"""One engine over the tiny model for all tests of a worker process; its clients with and without a token."""

import httpx
import pytest
from engines import TOKEN, engine


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    with engine(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
        yield client


@pytest.fixture
def stranger(served):
    with httpx.Client(base_url=served.url, timeout=30) as client:
        yield client
