import os
import signal
import threading

import pytest

from netlet.cli.interrupts import interrupts


def send(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_stops_the_work_and_later_ones_do_nothing(number):
    with interrupts() as stop:
        with pytest.raises(KeyboardInterrupt):
            send(number)
        send()
        assert stop.came


def test_who_asks_to_terminate_twice_is_obeyed():
    with interrupts() as stop:
        stop.hold()
        send(signal.SIGTERM)
        assert stop.came
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_while_held_it_is_only_noted():
    with interrupts() as stop:
        stop.hold()
        stop.check()
        send()
        send()
        with pytest.raises(KeyboardInterrupt):
            stop.check()


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError), interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
        raise ValueError
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts() as stop:
            send()
            assert not stop.came
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_than_the_main_one_has_no_signals():
    came = []

    def work():
        with interrupts() as stop:
            stop.check()
            came.append(stop.came)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert came == [False]
