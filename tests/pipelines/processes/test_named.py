import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from atelier.errors import AtelierError
from pipelines.processes import named
from pipelines.processes.named import NamedProcesses
from tests.helpers.shell_workers import run_as_shell_scripts

Run = Callable[..., list[str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run processes that are shell scripts, and return their names in the order in which they end."""

    def call(script: str, names: str = "a", count: int = 4) -> list[str]:
        run_as_shell_scripts(monkeypatch, script, named)
        ended = []
        with NamedProcesses(
            "module:function", {name: [f"of {name}"] for name in names.split()}, count, "Do this."
        ) as processes:
            for name in names.split():
                processes.start(name)
            while processes.running:
                ended += processes.finished(wait_for_one=True)
        return ended

    return call


def test_each_gets_parent_function_arguments_and_its_share_of_the_cores(run, capfd, monkeypatch) -> None:
    monkeypatch.setattr("pipelines.processes.cores.cores", lambda: 5)
    run('echo "$3 $4 $5 $OMP_NUM_THREADS"', count=2)
    assert capfd.readouterr().out == f"a | {os.getpid()} module:function of a 2\n"


def test_the_name_stands_before_every_line(run, capfd) -> None:
    run("echo one; echo; echo two >&2", names="a long")
    lines = capfd.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("a")] == ["a    | one", "a    | ", "a    | two"]
    assert [line for line in lines if line.startswith("long")] == ["long | one", "long | ", "long | two"]


def test_so_many_run_at_a_time(run, tmp_path: Path) -> None:
    """Each says that it runs, waits until another one does, and fails when a third one does."""
    script = f"""
        touch "{tmp_path}/$5"
        while [ $(ls {tmp_path} | wc -l) -lt 2 ] && [ ! -e {tmp_path}.met ]; do sleep 0.01; done
        touch {tmp_path}.met
        [ $(ls {tmp_path} | wc -l) -le 2 ] || exit 1
        rm "{tmp_path}/$5"
    """
    assert sorted(run(script, names="a b c d e", count=2)) == list("abcde")


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("error: no luck", "no luck"),
        ("error: a: no luck", "no luck"),
        ("Traceback\nValueError: why", "ValueError: why"),
        ("error: long ago\nepoch 1\nerror: first line\n  and second", "first line\n  and second"),
        ("", "it printed nothing"),
    ],
)
def test_a_failure_is_told_with_the_name_and_the_message(run, printed: str, reason: str) -> None:
    with pytest.raises(AtelierError) as caught:
        run(f"printf '{printed}' >&2; exit 3")
    assert str(caught.value) == f"a: {reason}"


def test_a_kill_is_told(run) -> None:
    with pytest.raises(AtelierError, match=r"process of a was killed by signal 9\. Do this\."):
        run("kill -9 $$")


def test_when_one_fails_the_others_end_and_no_other_starts(run, tmp_path: Path) -> None:
    script = f"""
        echo $$ > "{tmp_path}/$5"
        [ "$5" = "of a" ] || exec sleep 600
        while [ ! -s "{tmp_path}/of b" ]; do sleep 0.01; done
        exit 1
    """
    with pytest.raises(AtelierError, match=r"^a: "):
        run(script, names="a b c", count=2)
    assert not psutil.pid_exists(int((tmp_path / "of b").read_text()))
    assert not (tmp_path / "of c").exists()


def test_one_that_is_stopped_gets_time_to_end_by_itself(run, tmp_path: Path) -> None:
    script = f"""
        trap 'touch "{tmp_path}/closed"; exit 0' TERM
        touch "{tmp_path}/$5"
        while [ "$5" = "of b" ]; do sleep 0.01; done
        while [ ! -e "{tmp_path}/of b" ]; do sleep 0.01; done
        exit 1
    """
    with pytest.raises(AtelierError, match=r"^a: "):
        run(script, names="a b")
    assert (tmp_path / "closed").exists()


def test_of_those_that_wait_the_first_one_of_the_arguments_is_started_first(monkeypatch: pytest.MonkeyPatch) -> None:
    run_as_shell_scripts(monkeypatch, "exit 0", named)
    ended = []
    with NamedProcesses("module:function", dict.fromkeys("abc", ()), 1, "") as processes:
        for name in ("b", "c", "a"):
            processes.start(name)
        while processes.running:
            ended += processes.finished(wait_for_one=True)
    assert ended == ["b", "a", "c"]


def test_without_waiting_it_says_who_has_ended_so_far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run_as_shell_scripts(monkeypatch, f'while [ ! -e "{tmp_path}/end" ]; do sleep 0.01; done', named)
    with NamedProcesses("module:function", {"a": []}, 1, "") as processes:
        processes.start("a")
        assert processes.finished(wait_for_one=False) == []
        (tmp_path / "end").touch()
        assert processes.finished(wait_for_one=True) == ["a"]
