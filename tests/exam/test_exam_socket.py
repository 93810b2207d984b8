"""A kernel is called to the exam between two cells, and is there again for the next cell."""

import os
import socket
import time

import pytest

from autograder.exam.client.exam_socket import ExamSocket


@pytest.fixture
def exam_socket():
    opened = ExamSocket()
    yield opened
    opened.close()


def test_a_ring_hands_a_connection_over(exam_socket):
    kernels = socket.socket(fileno=os.dup(exam_socket.kernels_end))
    with exam_socket.connect() as examiner, kernels:
        fd = socket.recv_fds(kernels, 1, 1)[1][0]
        with socket.socket(fileno=fd) as agent:
            agent.sendall(b"hello")
            assert examiner.recv(5) == b"hello"
        assert not exam_socket.finished(0.05)
        kernels.send(b".")
        assert exam_socket.finished(0.05)


def test_nobody_rings_where_nobody_listens(exam_socket):
    exam_socket.close_kernels_end()
    assert exam_socket.connect() is None
    started = time.monotonic()
    assert not exam_socket.finished(0.2)  # without turning round and round until then
    assert time.monotonic() - started >= 0.2


def test_what_was_said_out_of_turn_counts_for_nothing(exam_socket):
    with socket.socket(fileno=os.dup(exam_socket.kernels_end)) as kernels:
        kernels.send(b"." * 10_000)
        exam_socket.connect().close()
        assert not exam_socket.finished(0.05)


def test_each_cell_finds_the_kernel_as_the_last_one_left_it(room):
    room.student("calls = []\ndef f():\n    calls.append(1)\n    return len(calls)")
    assert [room.passes("f()").result for _ in range(3)] == [1, 2, 3]
    assert room.back
    assert room.home("len(calls)").result == "3"


def test_a_call_is_made_as_if_in_a_cell(room):
    room.student("""
        def shown():
            display("seen")
            return get_ipython() is not None
        def asked():
            return input()
        def left():
            exit()
            return 1
    """)
    assert room.passes("shown()").result == 1
    asked = room.exam("""
        from lessonkit import check
        score = check.Score("asks", 1)
        with score.part("it answers", 1):
            asked()
        score.total()
    """)
    assert "[asks-input]" in asked.stdout
    assert "[not-written]" not in asked.stdout
    assert room.passes("left()").result == 1
    assert room.home("print('still here')").stdout == "still here\n"


def test_plots_of_a_call_are_not_shown_by_the_next_cell(room):
    room.student("""
        %matplotlib inline
        import matplotlib.pyplot as plt
        def draw():
            plt.plot([1, 2])
            return 1
    """)
    assert room.passes("draw()").result == 1
    assert room.home("len(plt.get_fignums())").result == "0"


def test_a_kernel_without_room_for_another_file_is_no_kernel_that_hangs(room):
    room.student("""
        import os
        kept = []
        try:
            while True:
                kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        def f(): return 1
    """)
    outcome = room.exam("f()", seconds=5.0)
    assert outcome.kernel == "gone"
    assert outcome.result is None
    assert room.back


def test_a_call_can_be_interrupted_and_idle_kernels_do_not_mind(room):
    room.student("def endless():\n    while True: pass")
    room.kernel.interrupt()
    time.sleep(0.2)  # it goes through the supervisor
    assert room.exam("endless()", seconds=0.5).kernel == "stuck"
    assert not room.back
    room.kernel.interrupt()
    assert room.exam_socket.finished(5.0)
    assert room.home("1 + 1").result == "2"


def test_a_dead_kernel_is_gone(room):
    room.home("import os, threading\nthreading.Timer(0.2, lambda: os._exit(1)).start()")
    deadline = time.monotonic() + 5
    while room.kernel.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    assert room.exam_socket.connect() is None
