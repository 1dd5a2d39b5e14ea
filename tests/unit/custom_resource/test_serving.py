"""Each request is answered exactly once: a real server counts what arrives at the URL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lambda_src.custom_resource import (
    Course,
    Made,
    NotAnsweredError,
    Provider,
    RefusedError,
    Request,
    Surroundings,
    serve,
)

from .cloudformation import (
    SIGNATURE,
    STACK,
    WHERE,
    Invocation,
    PresignedUrl,
    event,
    failed,
    logged,
    presigned,
    succeeded,
)

NOW = datetime(2026, 11, 24, 8, 30, 1, tzinfo=UTC)
AT_ONCE = Surroundings(sleep=lambda seconds: None, now=lambda: NOW)
STILL = Surroundings(clock=lambda: 0.0, sleep=lambda seconds: None, now=lambda: NOW)

Work = Callable[[Request, Course], Made]


@dataclass
class Worker:
    """A provider that does the same whatever it is asked for."""

    work: Work

    def create(self, request: Request, course: Course) -> Made:
        return self.work(request, course)

    def update(self, request: Request, course: Course) -> Made:
        return self.work(request, course)

    def delete(self, request: Request, course: Course) -> None:
        self.work(request, course)


def doing(work: Work) -> Callable[[], Provider]:
    return lambda: Worker(work)


def made(request: Request, course: Course) -> Made:
    course.doing("making the thing")
    return Made("thing-1", {"Address": "a.example"})


def raising(error: BaseException) -> Work:
    def work(request: Request, course: Course) -> Made:
        raise error

    return work


@pytest.mark.parametrize("type_", ["Create", "Update", "Delete"])
def test_what_was_done_is_answered(type_: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With an empty content type, which the URL's signature covers, and one log line a step."""
    with presigned() as url:
        serve(event(type_, url.url), Invocation(), doing(made), STILL)
    data = {} if type_ == "Delete" else {"Address": "a.example"}
    assert url.taken == [succeeded("thing-1", data)]
    assert [kind for _, kind in url.received] == [""]
    about = {
        "requestId": "invocation-1",
        "requestType": type_,
        "stackId": STACK,
        "logicalResourceId": "Example",
    }
    head = {"timestamp": "2026-11-24T08:30:01.000Z", "level": "INFO"}
    answered = {"status": "SUCCESS", "physicalResourceId": "thing-1", "seconds": 0.0}
    assert logged(capsys) == [
        {**head, "message": "step", **about, "step": "making the thing"},
        {**head, "message": "answered", **about, **answered},
    ]


@pytest.mark.parametrize("type_", ["Create", "Update", "Delete"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RefusedError("there is no bucket logs"), "there is no bucket logs"),
        (ValueError("odd"), "ValueError: odd"),
        (RecursionError("deep"), "RecursionError: deep"),
        (MemoryError(), "MemoryError: "),
        (SystemExit(1), "SystemExit: 1"),
        (KeyboardInterrupt(), "KeyboardInterrupt: "),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_is_raised_is_the_reason(type_: str, error: BaseException, reason: str) -> None:
    """Even what would end the process: nobody else would answer."""
    with presigned() as url:
        serve(event(type_, url.url), Invocation(), doing(raising(error)), STILL)
    physical_id = "CREATE_FAILED/Example" if type_ == "Create" else "thing-1"
    assert url.taken == [failed(physical_id, reason)]


def test_a_provider_that_cannot_be_made_is_answered_too() -> None:
    """Such as a client for which there are no credentials."""

    def provider() -> Provider:
        raise OSError("no credentials")

    with presigned() as url:
        serve(event("Create", url.url), Invocation(), provider, STILL)
    assert url.taken == [failed("CREATE_FAILED/Example", "OSError: no credentials")]


def test_what_a_failed_create_did_not_begin_is_deleted_without_any_work() -> None:
    """CloudFormation deletes with the failure's id, and the stack can be rolled back."""
    with presigned() as url:
        serve(event("Create", url.url), Invocation(), doing(raising(RefusedError("no"))), STILL)
        [first] = url.taken
        again = event("Delete", url.url, PhysicalResourceId=first["PhysicalResourceId"])
        serve(again, Invocation(), doing(raising(AssertionError("asked to delete"))), STILL)
    assert url.taken[1:] == [succeeded("CREATE_FAILED/Example")]


def test_what_a_failed_create_did_begin_is_deleted_by_its_own_id() -> None:
    """Nobody knows how far it came."""

    def work(request: Request, course: Course) -> Made:
        course.may_exist("thing-2")
        raise RefusedError("halfway")

    with presigned() as url:
        serve(event("Create", url.url), Invocation(), doing(work), STILL)
    assert url.taken == [failed("thing-2", "halfway")]


@pytest.mark.parametrize("members", [{"ResourceProperties": None}, {"ResourceProperties": "text"}])
@pytest.mark.parametrize("type_", ["Create", "Update"])
def test_missing_properties_are_answered(type_: str, members: dict[str, Any]) -> None:
    """Without asking the provider."""
    with presigned() as url:
        given = event(type_, url.url) | members
        serve(given, Invocation(), doing(raising(AssertionError("asked"))), STILL)
    [answer] = url.taken
    assert answer["Status"] == "FAILED"
    assert "ResourceProperties is missing, or no object" in answer["Reason"]


def test_a_delete_needs_no_properties() -> None:
    """It has to succeed where the Create failed for them."""
    seen = []

    def work(request: Request, course: Course) -> Made:
        seen.append(dict(request.properties))
        return Made("unused")

    with presigned() as url:
        given = event("Delete", url.url) | {"ResourceProperties": None}
        serve(given, Invocation(), doing(work), STILL)
    assert (seen, url.taken) == ([{}], [succeeded("thing-1")])


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {},
        {"ResponseURL": 1},
        {"ResponseURL": ""},
        {"ResponseURL": "file:///etc/passwd"},
        {"ResponseURL": "http://[half"},
        {"ResponseURL": "http://127.0.0.1:99999/"},
        {"ResponseURL": "http://127.0.0.1/a b"},
        {"ResponseURL": "http://127.0.0.1/\u00e9"},
    ],
)
def test_an_event_that_nobody_waits_for_fails_the_invocation(given: object) -> None:
    """Such as a console's test event: the message says what the function is for."""
    with pytest.raises(NotAnsweredError, match="only CloudFormation can call this function"):
        serve(given, Invocation(), doing(raising(AssertionError("asked"))), STILL)


def test_two_deliveries_of_one_request_are_each_answered_once() -> None:
    """CloudFormation takes the first."""
    with presigned() as url:
        for _ in range(2):
            serve(event("Create", url.url), Invocation(), doing(made), STILL)
    assert url.taken == [succeeded("thing-1", {"Address": "a.example"})] * 2


def test_before_time_is_up_nothing_is_begun_and_the_work_itself_answers() -> None:
    """With what was done last."""
    now = [0.0]

    def work(request: Request, course: Course) -> Made:
        course.doing("writing the configuration")
        now[0] += 45
        course.doing("reading it back")
        raise AssertionError("went on")

    around = Surroundings(clock=lambda: now[0], sleep=lambda seconds: None)
    with presigned() as url:
        serve(event("Create", url.url), Invocation(seconds=60), doing(work), around)
    reason = "the function's time was up after: writing the configuration"
    assert url.taken == [failed("CREATE_FAILED/Example", reason)]


def test_a_pause_that_would_outlast_the_time_is_not_begun() -> None:
    """What waits for something else says so in time."""

    def work(request: Request, course: Course) -> Made:
        course.doing("waiting for the queue's policy")
        course.pause(1000)
        raise AssertionError("went on")

    with presigned() as url:
        serve(event("Create", url.url), Invocation(), doing(work), STILL)
    reason = "the function's time was up after: waiting for the queue's policy"
    assert url.taken == [failed("CREATE_FAILED/Example", reason)]


def busy_until_answered(url: PresignedUrl) -> None:
    """Come back only after somebody else has given an answer."""
    while not url.received:
        time.sleep(0.01)


@pytest.mark.parametrize("then", [made, raising(ValueError("late"))], ids=["done", "failed"])
def test_a_watchdog_answers_for_work_that_does_not_come_back(
    then: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what it was busy with; when it does come back, its own answer is not given."""

    def work(request: Request, course: Course) -> Made:
        course.may_exist("thing-1")
        course.doing("writing the configuration")
        busy_until_answered(url)
        return then(request, course)

    with presigned() as url:
        serve(event("Create", url.url), Invocation(seconds=1.0), doing(work))
        assert len(url.received) == 1
    reason = "the function's time was nearly up, and it was still busy: writing the configuration"
    assert url.taken == [failed("thing-1", reason)]
    assert [line["message"] for line in logged(capsys)][-1] == "answered before"


def test_after_the_watchdog_nothing_more_is_begun() -> None:
    """What CloudFormation deletes next is not made again behind its back."""
    begun: list[str] = []

    def work(request: Request, course: Course) -> Made:
        course.doing("reading")
        busy_until_answered(url)
        course.doing("writing")
        begun.append("writing")
        return Made("thing-1")

    with presigned() as url:
        serve(event("Create", url.url), Invocation(seconds=1.0), doing(work))
    assert (begun, len(url.taken)) == ([], 1)


def test_the_invocation_waits_for_the_answer_that_its_watchdog_gives() -> None:
    """Lambda would freeze the process in the middle of it."""

    def work(request: Request, course: Course) -> Made:
        busy_until_answered(url)
        return Made("thing-1")

    with presigned("hang", patience=0.2) as url:
        serve(event("Create", url.url), Invocation(seconds=4.0), doing(work))
        assert [answer["Status"] for answer in url.taken] == ["FAILED"]


@pytest.mark.parametrize(
    "behaviours",
    [(500,), (503, 500, 503), (403,), ("close",), ("close", 500, "close"), (400, 404)],
    ids=str,
)
def test_an_answer_that_is_not_taken_is_repeated(
    behaviours: tuple[int | str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The very same bytes, until they are taken; once is enough."""
    with presigned(*behaviours) as url:
        serve(event("Create", url.url), Invocation(), doing(made), AT_ONCE)
    assert url.taken == [succeeded("thing-1", {"Address": "a.example"})]
    assert len(url.received) == len(behaviours) + 1
    assert len(set(url.received)) == 1
    attempts = [line["attempt"] for line in logged(capsys) if "attempt" in line]
    assert attempts == list(range(1, len(behaviours) + 1))


def test_an_answer_that_takes_too_long_is_repeated() -> None:
    """It may have been taken; then the same stands there once more."""
    with presigned("hang", patience=1.5) as url:
        serve(event("Create", url.url), Invocation(seconds=2), doing(made))
        assert len(url.received) == 2
    assert len(set(url.received)) == 1


@pytest.mark.parametrize("behaviour", [500, 403, "close"])
def test_an_answer_that_is_never_taken_fails_the_invocation_in_time(
    behaviour: int | str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so in the log, with what the answer was."""
    start = time.monotonic()
    with (
        presigned(*[behaviour] * 1000) as url,
        pytest.raises(NotAnsweredError, match="CloudFormation took no answer in"),
    ):
        serve(event("Create", url.url), Invocation(seconds=2), doing(made))
    assert time.monotonic() - start < 2
    assert len(set(url.received)) == 1
    last = logged(capsys)[-1]
    assert (last["message"], last["status"]) == ("not answered", "SUCCESS")


def test_a_url_that_nothing_listens_at_fails_the_invocation(refused_port: int) -> None:
    """As when a VPC has no way to S3."""
    given = event("Create", f"http://127.0.0.1:{refused_port}/")
    with pytest.raises(NotAnsweredError, match="Connection refused"):
        serve(given, Invocation(seconds=1), doing(made))


def test_a_watchdog_that_is_not_heard_fails_the_invocation() -> None:
    """Whoever waits for it raises in its place."""

    def work(request: Request, course: Course) -> Made:
        busy_until_answered(url)
        return Made("thing-1")

    with presigned(*[500] * 1000) as url, pytest.raises(NotAnsweredError):
        serve(event("Create", url.url), Invocation(seconds=1), doing(work))
    assert len(set(url.received)) == 1


def test_a_machine_without_threads_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog is one; without it nothing is begun."""

    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with presigned() as url, monkeypatch.context() as patch:
        patch.setattr(threading.Timer, "start", start)
        # The server's own threads are no timers.
        serve(event("Create", url.url), Invocation(), doing(made), STILL)
    assert [answer["Reason"] for answer in url.taken] == [
        f"RuntimeError: can't start new thread{WHERE}"
    ]


def test_nothing_secret_is_logged_or_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither properties, nor data, nor the URL, nor what the provider calls a secret."""

    def work(request: Request, course: Course) -> Made:
        course.conceal("pa55")
        course.conceal("pa55word")
        course.doing("setting the password pa55word")
        if request.properties["Fail"] == "yes":
            raise ValueError("connection to db with pa55word and pa55 failed")
        return Made("user", {"Password": "pa55word"}, no_echo=True)

    with presigned(500, "close") as url:
        for fail in ("yes", "no"):
            given = event("Create", url.url, {"Fail": fail, "Token": "t0ken"})
            serve(given, Invocation(), doing(work), AT_ONCE)
    reason = "ValueError: connection to db with *** and *** failed"
    assert url.taken == [
        failed("CREATE_FAILED/Example", reason),
        succeeded("user", {"Password": "pa55word"}, NoEcho=True),
    ]
    out = capsys.readouterr().out
    assert "setting the password ***" in out
    assert [secret for secret in ("pa55", "t0ken", SIGNATURE) if secret in out] == []


def test_data_that_does_not_fit_fails_with_the_id_of_what_was_made() -> None:
    """So that CloudFormation deletes it."""

    def work(request: Request, course: Course) -> Made:
        return Made("thing-1", {"Much": "x" * 4096})

    with presigned() as url:
        serve(event("Create", url.url), Invocation(), doing(work), STILL)
    [answer] = url.taken
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "thing-1")
    assert "of at most 4096" in answer["Reason"]


@pytest.mark.parametrize("physical_id", ["", "x" * 1025])
def test_an_id_that_cloudformation_would_not_take_fails(physical_id: str) -> None:
    """Instead of an answer that is as good as none."""
    with presigned() as url:
        serve(
            event("Create", url.url),
            Invocation(),
            doing(lambda request, course: Made(physical_id)),
            STILL,
        )
    [answer] = url.taken
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "CREATE_FAILED/Example")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("RequestType", "RequestId", "StackId", "LogicalResourceId", "PhysicalResourceId"),
        *("ResourceProperties", "OldResourceProperties", "ResourceType"),
    ]
)
TYPES = st.sampled_from(["Create", "Update", "Delete"])


@pytest.fixture(name="counting", scope="module")
def _counting() -> Any:
    with presigned() as url:
        yield url


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(type_=TYPES, wrong=st.dictionaries(NAMES, JSON, max_size=4), gone=st.sets(NAMES, max_size=2))
def test_any_event_with_a_url_is_answered_exactly_once(
    counting: PresignedUrl, type_: str, wrong: dict[str, Any], gone: set[str]
) -> None:
    """In at most 4,096 bytes and with a physical id, whatever else it has or lacks."""
    counting.received.clear()
    counting.taken.clear()
    given = event(type_, counting.url) | wrong
    for name in gone:
        given.pop(name, None)
    serve(given, Invocation(), doing(made), STILL)
    [(body, _)] = counting.received
    [answer] = counting.taken
    assert len(body) <= 4096
    assert answer["PhysicalResourceId"]
    assert answer["Status"] in ("SUCCESS", "FAILED")
    assert (answer["Status"] == "FAILED") == bool(answer.get("Reason"))


@given(reason=st.text(max_size=6000), physical_id=st.text(min_size=1, max_size=80))
def test_any_reason_fits_and_says_where_more_is(
    counting: PresignedUrl, reason: str, physical_id: str
) -> None:
    """Cut where it has to be, in the middle of no character."""
    assume(not physical_id.startswith("CREATE_FAILED/"))
    counting.received.clear()
    counting.taken.clear()
    given = event("Delete", counting.url, PhysicalResourceId=physical_id)
    serve(given, Invocation(), doing(raising(RefusedError(reason))), STILL)
    [(body, _)], [answer] = counting.received, counting.taken
    assert len(body) <= 4096
    assert answer["Reason"].endswith(WHERE)
    said = answer["Reason"].removesuffix(WHERE)
    assert said in (reason, "no reason is known") or reason.startswith(
        said.removesuffix(" \u2026 (cut)")
    )
