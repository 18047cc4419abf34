"""The server as its clients meet it: every route, over a real socket, with a real worker process."""

import hashlib
import json
import os
import shutil
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from engines import TOKEN, Engine, a_request, engine

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360606000000004000160d2a1c2"
    "0000000049454e44ae426082"
)
PLAIN = {"num_frames": 5, "fps": 24, "size": "64x64"}


def create(client, prompt="a kitchen", key=None, files=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/videos", json={"prompt": prompt, **PLAIN, **fields}, headers=headers)


def ended(client, job, patience_s=20):
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        found = client.get(f"/v1/videos/{job}").json()
        if found["status"] in ("completed", "failed"):
            return found
        time.sleep(0.03)
    raise AssertionError(f"not done: {found}")


def wait_for(client, job, stage, patience_s=20):
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if ((client.get(f"/v1/videos/{job}").json())["stage"] or {}).get("name") == stage:
            return
        time.sleep(0.02)
    raise AssertionError(f"never {stage}")


def folder_of(served, job):
    return served.folder / "state" / "jobs" / hashlib.sha256(job.encode()).hexdigest()[:32]


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


# --- a job, from asking to its files ---


def test_a_plain_json_request_becomes_a_video(client):
    made = create(client, seconds=None)
    assert made.status_code == 200
    done = ended(client, made.json()["id"])
    assert (done["status"], done["progress"], done["size"], done["num_frames"]) == ("completed", 100, "64x64", 5)
    assert done["audio"] == {"codec": "pcm_s24le", "sample_rate": 48000, "channels": 2, "duration_s": 0.208333}


def test_a_form_says_the_same_as_json(client):
    fields = {"prompt": "a kitchen", "seconds": "0.2", "size": "64x64", "fps": "24", "extra_params[cfg][scale]": "7"}
    made = client.post("/v1/videos", files=[(name, (None, value)) for name, value in fields.items()]).json()
    assert (made["num_frames"], made["fps"], made["ignored"]) == (5, 24.0, ["extra_params.cfg"])


def test_a_whole_request_travels_in_extra_params(client):
    request = a_request("exactly this", frames=7)
    extra = {"twopop": {"schema": "twopop.extra_params.v1", "request": request.model_dump(mode="json")}, "other": 1}
    form = {"prompt": "x", "extra_params": json.dumps(extra)}
    made = client.post("/v1/videos", files=[(name, (None, value)) for name, value in form.items()]).json()
    assert (made["num_frames"], made["prompt"], made["ignored"]) == (7, "exactly this", ["extra_params.other"])


@pytest.mark.parametrize(
    ("variant", "media_type", "magic"),
    [
        ("video", "video/quicktime", b"ftyp"),
        ("mix", "audio/wav", b"RIFF"),
        ("audio", "audio/wav", b"RIFF"),
        ("dialogue", "audio/wav", b"RIFF"),
        ("music", "audio/wav", b"RIFF"),
        ("thumbnail", "image/jpeg", b"JFIF"),
        ("slate", "application/json", b'"events"'),
    ],
)
def test_every_variant_of_the_content(client, variant, media_type, magic):
    job = create(client, "variants", key="variants").json()["id"]
    ended(client, job)
    answer = client.get(f"/v1/videos/{job}/content", params={"variant": variant})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert magic in answer.content[:200]
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    head = client.head(f"/v1/videos/{job}/content", params={"variant": variant})
    assert head.headers["content-length"] == str(len(answer.content))


def test_the_slate_names_every_file_by_its_hash(client):
    job = create(client, "slate").json()["id"]
    ended(client, job)
    slate = client.get(f"/v1/videos/{job}/content", params={"variant": "slate"}).json()
    assert set(slate["files"]) == {"video", "dialogue", "effects", "ambience", "music"}
    for variant, record in slate["files"].items():
        body = client.get(f"/v1/videos/{job}/content", params={"variant": variant}).content
        assert (len(body), hashlib.sha256(body).hexdigest()) == (record["bytes"], record["sha256"])
    assert error(client.get(f"/v1/videos/{job}/content", params={"variant": "latents"})) == (404, "no_such_variant")


def test_a_range_is_a_part(client):
    job = create(client, "variants", key="variants").json()["id"]
    ended(client, job)
    whole = client.get(f"/v1/videos/{job}/content").content
    part = client.get(f"/v1/videos/{job}/content", headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"


@pytest.mark.parametrize("value", ["bytes=5-2", "bytes=abc", "lines=1-2", "bytes=" + "0-1," * 900 + "0-1"])
def test_a_range_that_makes_no_sense_or_too_much_is_passed_over(client, value):
    job = create(client, "variants", key="variants").json()["id"]
    ended(client, job)
    whole = client.get(f"/v1/videos/{job}/content").content
    answer = client.get(f"/v1/videos/{job}/content", headers={"range": value})
    assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize("variant", ["video", "dialogue", "mix", "slate", "thumbnail"])
def test_files_that_somebody_removed_are_gone_and_no_fault(client, served, variant):
    job = create(client, f"removed {variant}").json()["id"]
    ended(client, job)
    shutil.rmtree(folder_of(served, job))
    answer = client.get(f"/v1/videos/{job}/content", params={"variant": variant})
    assert error(answer) == (410, "expired")


def test_what_is_drawn_on_demand_is_whole_for_all_who_ask_at_once(client):
    job = create(client, "drawn", num_frames=200).json()["id"]
    ended(client, job)
    with ThreadPoolExecutor(8) as many:
        mixes = list(many.map(lambda _: client.get(f"/v1/videos/{job}/content?variant=mix").content, range(8)))
    assert len({hashlib.sha256(mix).digest() for mix in mixes}) == 1
    assert len(mixes[0]) > 200 * 2000 * 6


def test_a_bed_has_sound_and_no_picture(client):
    request = a_request("rain", role="ambience", width=0, height=0, frames=48)
    extra = {"twopop": {"request": request.model_dump(mode="json")}}
    job = client.post("/v1/videos", json={"prompt": "x", "extra_params": extra}).json()["id"]
    assert ended(client, job)["status"] == "completed"
    assert error(client.get(f"/v1/videos/{job}/content")) == (404, "no_such_variant")
    mix = client.get(f"/v1/videos/{job}/content", params={"variant": "mix"}).content
    assert mix == client.get(f"/v1/videos/{job}/content", params={"variant": "ambience"}).content


def test_pages_hold_every_job_once(client):
    made = [create(client, f"page {number}").json()["id"] for number in range(5)]
    found, after = [], None
    while True:
        page = client.get("/v1/videos", params={"limit": 2, **({"after": after} if after else {})}).json()
        found += [video["id"] for video in page["data"]]
        if not page["has_more"]:
            break
        after = page["last_id"]
    assert found[:5] == made[::-1]
    assert len(found) == len(set(found))


def test_a_model_shows_its_profile(client):
    (entry,) = client.get("/v1/models").json()["data"]
    assert (entry["id"], entry["owned_by"], entry["twopop"]["protocol"]) == ("tiny", "twopop", 1)
    assert entry["twopop"]["profile"]["grid"] == [1, 0, 1, 2000]


def test_content_says_why_there_is_none(client):
    slow, failed = create(client, "SLOW 200").json()["id"], create(client, "FAIL bad_luck").json()["id"]
    assert error(client.get(f"/v1/videos/{slow}/content")) == (409, "not_ready")
    assert client.get(f"/v1/videos/{slow}/content").headers["x-should-retry"] == "false"
    client.post(f"/v1/videos/{slow}/cancel")
    assert ended(client, failed)["error"]["code"] == "bad_luck"
    assert error(client.get(f"/v1/videos/{failed}/content")) == (422, "bad_luck")


# --- stopping ---


def test_cancel_stops_within_a_step_and_the_next_job_runs(client):
    job = create(client, "SLOW 400").json()["id"]
    wait_for(client, job, "denoising")
    begun = time.monotonic()
    client.post(f"/v1/videos/{job}/cancel")
    assert ended(client, job)["error"]["code"] == "cancelled"
    assert time.monotonic() - begun < 2
    assert ended(client, create(client, "after a cancel").json()["id"])["status"] == "completed"


def test_a_queued_job_is_cancelled_at_once_and_delete_forgets_it(client):
    running, queued = create(client, "SLOW 400").json()["id"], create(client, "queued").json()["id"]
    assert client.get(f"/v1/videos/{queued}").json()["stage"] == {
        "name": "queued", "position": 0, "step": 0, "steps": 0, "done": 0.0, "what": "",
    }  # fmt: skip
    assert client.post(f"/v1/videos/{queued}/cancel").json()["error"]["code"] == "cancelled"
    assert client.delete(f"/v1/videos/{running}").json()["deleted"] is True
    assert client.get(f"/v1/videos/{running}").status_code == 404
    assert ended(client, create(client, "after a delete").json()["id"])["status"] == "completed"


def test_delete_removes_the_files(client, served):
    job = create(client, "to be deleted").json()["id"]
    ended(client, job)
    folder = folder_of(served, job)
    assert folder.is_dir()
    client.delete(f"/v1/videos/{job}")
    assert not folder.exists()


# --- once only ---


def test_the_same_key_and_body_is_the_same_job(client, served):
    before = len(served.billed())
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(create(client, "once", key="K1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.json()["id"] for answer in answers}) == 1
    ended(client, answers[0].json()["id"])
    assert create(client, "once", key="K1").json()["status"] == "completed"
    assert len(served.billed()) == before + 1


def test_the_same_key_with_another_body_is_refused(client):
    create(client, "first", key="K2")
    answer = create(client, "second", key="K2")
    assert error(answer) == (409, "idempotency_key_reused")
    assert answer.headers["x-should-retry"] == "false"


def test_a_key_is_free_again_once_its_job_can_give_nothing(client):
    first = create(client, "FAIL", key="K3").json()["id"]
    ended(client, first)
    assert create(client, "FAIL", key="K3").json()["id"] != first


# --- what is refused, with what would do ---


@pytest.mark.parametrize(
    ("fields", "code", "nearest"),
    [
        ({"num_frames": 0}, "frames_not_1k_plus_0", "1"),
        ({"num_frames": 3000}, "frames_not_1k_plus_0", "2000"),
        ({"fps": 30}, "illegal_fps", "25"),
        ({"fps": "banana"}, "illegal_fps", "24"),
        ({"size": "65x64"}, "illegal_size", "64x64"),
        ({"size": "1280x720"}, "illegal_size", "512x512"),
        ({"size": "big"}, "illegal_size", "1280x720"),
        ({"num_frames": None, "seconds": "-1"}, "illegal_seconds", ""),
        ({"seed": -1}, "illegal_seed", "0"),
        ({"model": "sora"}, "model_not_found", "tiny"),
        ({"extra_params": {"twopop": {"request": {}}}}, "bad_request", ""),
        ({"extra_params": "{"}, "bad_extra_params", ""),
        ({"prompt": 7}, "bad_request", "prompt"),
    ],
)
def test_illegal_values_name_the_nearest_legal_one(client, fields, code, nearest):
    answer = create(client, **fields)
    assert (answer.status_code in (400, 404), answer.json()["error"]["code"]) == (True, code)
    assert nearest in answer.json()["error"]["message"]


def test_a_request_planned_for_other_weights_is_refused(client):
    request = a_request("x", weights="0" * 64)
    extra = {"twopop": {"request": request.model_dump(mode="json")}}
    assert error(client.post("/v1/videos", json={"prompt": "x", "extra_params": extra})) == (409, "other_version")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no picture at all", (400, "reference_not_media")),
        (PNG[:20], (400, "reference_not_media")),
        (PNG + bytes(25_000_000), (413, "reference_too_large")),
    ],
)
def test_references_are_looked_at(client, data, code):
    form = {"prompt": "x", **{name: str(value) for name, value in PLAIN.items()}}
    answer = client.post("/v1/videos", data=form, files={"input_reference": ("../../etc/passwd", data, "image/png")})
    assert error(answer) == code


def test_a_reference_arrives_under_its_hash(client, served):
    form = {"prompt": "SLOW 40", **{name: str(value) for name, value in PLAIN.items()}}
    job = client.post("/v1/videos", data=form, files={"input_reference": ("../../x.png", PNG, "image/png")}).json()[
        "id"
    ]
    folder = folder_of(served, job)
    (kept,) = (folder / "references").iterdir()
    assert (kept.name, kept.read_bytes()) == (hashlib.sha256(PNG).hexdigest() + ".png", PNG)
    client.delete(f"/v1/videos/{job}")


def test_a_large_json_body_is_refused(client):
    answer = client.post("/v1/videos", json={"prompt": "x", "extra_params": {"a": "x" * 2_000_000}})
    assert error(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"x", "text/plain"),
        (b"[" * 100_000, "application/json"),
        (b'{"prompt": "x", "extra_params": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}", "application/json"),
        (b'{"prompt": "x", "extra_params": {"\\ud800": 1}}', "application/json"),
        (b'{"prompt": "x", "\\ud800": 1}', "application/json"),
        (b'{"prompt": "x", "seed": ' + b"9" * 5000 + b"}", "application/json"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=y"),
        (b"--x", "multipart/form-data"),
    ],
)
def test_a_body_that_cannot_be_read_is_400(client, content, kind):
    answer = client.post("/v1/videos", content=content, headers={"content-type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


# --- who may ask ---


@pytest.mark.parametrize("job", ["..", "..\\..\\x", "a%00b", "CON", "a:b", "video_" + "0" * 32, "x" * 300])
def test_ids_are_looked_up_and_never_paths(client, job):
    assert client.get(f"/v1/videos/{job}").status_code in (404, 400)
    assert client.get(f"/v1/videos/{job}/content").status_code in (404, 400)
    assert client.delete(f"/v1/videos/{job}").status_code in (404, 400, 405)


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
def test_a_wrong_token_gets_nothing(stranger, value):
    for path in ("/v1/videos", "/v1/models", "/openapi.json", "/docs", "/nothing"):
        answer = stranger.get(path, headers={"authorization": value} if value else {})
        assert error(answer) == (401, "invalid_api_key")


def test_a_token_of_foreign_letters_is_wrong_and_not_a_fault(stranger):
    answer = stranger.get("/v1/videos", headers=[(b"authorization", "Bearer ключ-é".encode())])
    assert answer.status_code == 401


def test_a_stranger_is_refused_before_the_body(served):
    host, port = "127.0.0.1", served.port
    with socket.create_connection((host, port), timeout=10) as wire:
        head = f"POST /v1/videos HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 9000000\r\n\r\n"
        wire.sendall(head.encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 401")


def test_health_tells_a_stranger_that_it_runs_and_no_more(stranger):
    assert stranger.get("/health").json() == {"status": "ok", "protocol": 1}


def test_other_hosts_and_web_pages_are_refused(client):
    assert error(client.get("/v1/videos", headers={"host": "evil.example"})) == (421, "unknown_host")
    assert error(client.get("/v1/videos", headers={"origin": "null"})) == (403, "browser_refused")
    assert "access-control-allow-origin" not in client.get("/v1/videos").headers


def test_a_huge_body_is_refused_declared_or_not(client, served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        head = f"POST /v1/videos HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        wire.sendall(f"{head}Content-Length: {10**9}\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 413")

    def endless():
        for _ in range(120):
            yield b" " * 1_000_000

    try:
        answer = client.post("/v1/videos", content=endless(), headers={"content-type": "application/json"})
        assert error(answer) == (413, "body_too_large")
    except httpx.WriteError:
        pass  # the server hung up while we were still sending: as good


def test_a_job_is_seen_by_its_owner_only(tmp_path):
    mara, ben = "mara-" + "m" * 40, "ben-" + "b" * 40
    with engine(tmp_path, token=f"mara={mara},ben={ben}") as running:
        with httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {mara}"}, timeout=30) as hers:
            job = create(hers, "hers", key="K").json()["id"]
            ended(hers, job)
        with httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {ben}"}, timeout=30) as his:
            assert his.get(f"/v1/videos/{job}").status_code == 404
            assert his.get(f"/v1/videos/{job}/content").status_code == 404
            assert his.delete(f"/v1/videos/{job}").status_code == 404
            assert his.get("/v1/videos").json()["data"] == []
            assert create(his, "his", key="K").json()["id"] != job


# --- one machine with several devices, and one whose disk is full ---


def test_two_devices_work_at_once(tmp_path):
    with (
        engine(tmp_path, "--device", "one", "--device", "two") as running,
        httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client,
    ):
        (entry,) = client.get("/v1/models").json()["data"]
        assert entry["twopop"]["profile"]["concurrency"] == 2, "a client keeps both of them busy"
        first, second = (create(client, f"SLOW {count}").json()["id"] for count in (200, 201))
        wait_for(client, first, "denoising")
        wait_for(client, second, "denoising")


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_full_disk_is_said_and_ends_nothing(tmp_path):
    import resource

    form = {"prompt": "from a still", **{name: str(value) for name, value in PLAIN.items()}}
    sound = b"RIFF\0\0\0\0WAVE" + bytes(3_000_000)
    with (
        engine(tmp_path) as running,
        httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client,
    ):
        _, hard = before = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (2_000_000, hard))
        answer = client.post("/v1/videos", data=form, files={"input_reference": ("a.wav", sound)})
        assert error(answer) == (507, "disk_full")
        assert list((running.folder / "state" / "jobs").iterdir()) == []
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, before)
        made = client.post("/v1/videos", data=form, files={"input_reference": ("a.wav", sound)}).json()["id"]
        assert ended(client, made)["status"] == "completed"


def test_a_port_that_is_taken_is_named(tmp_path):
    with engine(tmp_path / "first") as running:
        second = Engine(tmp_path / "second")
        second.port = running.port
        with pytest.raises(AssertionError, match=f"Port {running.port} of 127.0.0.1 cannot be had"):
            second.start()
        assert second.process.wait(10) == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_a_server_without_a_word(tmp_path):
    with engine(tmp_path) as running:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        assert "Traceback" not in running.log.read_text()


# --- what survives ---


def test_jobs_survive_kill_9_once(tmp_path):
    running = Engine(tmp_path, "--queue", "2")
    running.start()
    try:
        with httpx.Client(headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
            client.base_url = running.url
            done = create(client, "done before").json()["id"]
            ended(client, done)
            slow, queued = create(client, "SLOW 30").json()["id"], create(client, "queued", key="Q").json()["id"]
            wait_for(client, slow, "denoising")
            create(client, "third")
            full = create(client, "fourth")
            assert (error(full), full.headers["retry-after"]) == ((429, "queue_full"), "10")
            running.kill()
            running.start()
            assert create(client, "queued", key="Q").json()["id"] == queued
            assert [ended(client, job)["status"] for job in (done, slow, queued)] == ["completed"] * 3
            crashed = create(client, "CRASH").json()["id"]
            assert ended(client, crashed)["error"]["code"] == "interrupted"
            assert ended(client, create(client, "after a crash").json()["id"])["status"] == "completed"
    finally:
        running.stop()
    assert len(running.billed()) == 1 + 2 + 1 + 1 + 2 + 1  # the killed job and the crashing one ran twice, no other
