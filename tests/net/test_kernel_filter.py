# SPDX-License-Identifier: ISC
"""Repeated advertisements that the kernel checks: nobody wakes for them, and nothing else is different."""

import signal
import threading

import pytest

from harness.config import Instance, configuration
from harness.device import VrrpAgent
from harness.frame import Advert
from harness.process import thread_sleeps, thread_status
from harness.stalls import Stalls
from harness.wait import observe, wait_for

pytestmark = [pytest.mark.agent_only, pytest.mark.path("kernel")]

ONE = Instance("one", 41, ("198.51.100.41/24",), interval=0.5)
TWO = Instance("two", 42, ("198.51.100.42/24",), version=2)
SIX = Instance("six", 43, ("fe80::5e:2b/64",), interval=0.5)
SLOW = Instance("slow", 44, ("198.51.100.44/24",), interval=10)
MIXED = (ONE, TWO, SIX, SLOW)
SPEAKER = {4: "192.0.2.77", 6: "fe80::77"}


def advert(instance, **changes):
    six = ":" in instance.addresses[0]
    scale = 1 if instance.version == 2 else 100
    return Advert(vrid=instance.vrid, source=SPEAKER[6 if six else 4], version=instance.version,
                  addresses=tuple(each.split("/")[0] for each in instance.addresses),
                  interval=round(instance.interval * scale), priority=200).but(**changes)


class Speaker:
    """A host that speaks for all the instances, ten times a second, until it is told to stop."""

    def __init__(self, host, instances):
        self.host = host
        self.frames = {each.name: advert(each).frames() for each in instances}
        self.sent = dict.fromkeys(self.frames, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(0.1):
            for name, frames in list(self.frames.items()):
                self.host.send(frames)
                self.sent[name] += 1

    def kill(self):
        self._ended.set()
        self._thread.join()


class Scene:
    def __init__(self, network, devices, ended):
        self.ours, self.other = network.host("ours"), network.host("other", addresses=())
        self.other.sysctl({"net/ipv6/conf/all/disable_ipv6": 1})
        self.device = devices(VrrpAgent, self.ours)
        self.capture = network.capture()
        self._ended = ended

    def speak(self, *instances):
        return self._ended(Speaker(self.other, instances))

    def start(self, *instances, global_lines=()):
        self.device.start(configuration(instances, global_lines))
        wait_for(lambda: self.routers().keys() >= {each.name for each in instances}, 20, self.device.log)
        wait_for(lambda: all(each["state"] == "backup" for each in self.routers().values()), 20, self.device.log)

    def engine(self):
        return self.device.show()["engine"]

    def routers(self):
        try:
            return {each["name"]: each for each in self.device.show()["routers"]}
        except (AssertionError, ValueError, OSError):
            return {}

    def wait_kept(self, more):
        before = self.engine()["packets_kept"]
        wait_for(lambda: self.engine()["packets_kept"] >= before + more, 20, lambda: f"{self.engine()}")

    def expect_counts(self, sent):
        """Exactly what was sent was received, by whichever way."""
        def missing():
            routers = self.routers()
            return {name: (count, routers[name]["counters"]["received"]) for name, count in sent.items()
                    if routers[name]["counters"]["received"] != count}

        wait_for(lambda: not missing(), 10, lambda: f"sent and received: {missing()}")


@pytest.fixture
def scene(network, devices, ended):
    return Scene(network, devices, ended)


def test_kept_and_counted(scene):
    scene.start(*MIXED)
    speaker = scene.speak(*MIXED)
    scene.wait_kept(100)
    assert scene.engine()["kernel_filter"] == "on"
    assert all(router["state"] == "backup" for router in scene.routers().values())
    speaker.kill()
    scene.expect_counts(speaker.sent)
    engine = scene.engine()
    assert engine["packets"] == sum(speaker.sent.values())
    assert engine["packets_kept"] >= 0.8 * engine["packets"]
    assert engine["overruns"] == engine["checksum_errors"] == 0
    for router in scene.routers().values():
        assert not any(router["drops"].values()), router


def _engine_sleeps(pid):
    """How often it has gone to sleep: each wake-up is one."""
    return thread_sleeps(pid, "engine")


@pytest.mark.timing
def test_nobody_wakes(scene):
    """Forty a second, and the engine wakes for its heartbeat alone; not more often than without any."""
    scene.start(*MIXED)
    before = _engine_sleeps(scene.device.pid)
    observe(3, "how often the engine wakes when nothing comes")
    alone = _engine_sleeps(scene.device.pid) - before
    speaker = scene.speak(*MIXED)
    scene.wait_kept(20)
    before, sent = _engine_sleeps(scene.device.pid), sum(speaker.sent.values())
    observe(3, "how often the engine wakes")
    woken, sent = _engine_sleeps(scene.device.pid) - before, sum(speaker.sent.values()) - sent
    assert sent >= 60
    assert woken <= alone * 1.2 + 5, f"{woken} times for {sent} packets, {alone} times without any"


@pytest.mark.timing
@pytest.mark.parametrize("instance", (ONE, TWO, SIX), ids=lambda each: each.name)
def test_silence(scene, instance, folder, ended):
    """The deadline runs from the last one, which the kernel heard."""
    stalls = ended(Stalls(folder))
    scene.start(instance)
    speaker = scene.speak(instance)
    scene.wait_kept(10)
    speaker.kill()
    taken = scene.capture.wait_advert(20, host="ours", vrid=instance.vrid)
    last = scene.capture.adverts("other", instance.vrid)[-1]
    down = 3 * instance.interval + (156 / 256) * instance.interval
    assert taken.time - last.time - down >= -0.001
    assert taken.time - stalls.ready(last.time + down) <= 0.05
    assert scene.routers()[instance.name]["counters"]["received"] == speaker.sent[instance.name]


SPOILT = {
    "checksum": {"checksum": "bad"},
    "version": {"version": 5},
    "hop limit": {"ttl": 254},
    "VRID": {"vrid": 99},
    "interval": {"interval": 77},
    "trailing": {"trailing": b"x"},
}


@pytest.mark.parametrize("instance", (ONE, SIX), ids=lambda each: each.name)
def test_whatever_differs(scene, instance):
    """After many that were kept each kind of packet counts as ever, and none before or behind it is lost."""
    scene.start(instance)
    speaker = scene.speak(instance)

    def told():
        engine = scene.engine()
        scalars = [engine[f"{name}_errors"] for name in ("checksum", "version", "vrid")]
        return sum(scene.routers()[instance.name]["drops"].values()), scalars

    for name, changes in SPOILT.items():
        scene.wait_kept(3)
        before = told()
        scene.other.send(advert(instance, **changes).frames())
        wait_for(lambda seen=before: told() != seen, 5, f"{name}: {before}")
    scene.wait_kept(3)
    speaker.kill()
    accepted = 1  # another interval is noted only
    scene.expect_counts({instance.name: speaker.sent[instance.name] + accepted})
    drops = scene.routers()[instance.name]["drops"]
    assert sum(drops.values()) == len(SPOILT) - 1, drops  # the unknown VRID is no router's
    assert scene.routers()[instance.name]["state"] == "backup"


@pytest.mark.timing
def test_stop(scene, folder, ended):
    """Priority 0 behind many that were kept, and the same again behind it."""
    stalls = ended(Stalls(folder))
    scene.start(SLOW)
    speaker = scene.speak(SLOW)
    scene.wait_kept(10)
    speaker.kill()
    scene.other.send(advert(SLOW, priority=0).frames())
    taken = scene.capture.wait_advert(20, host="ours", vrid=SLOW.vrid)
    stop = scene.capture.adverts("other", SLOW.vrid)[-1]
    assert stop.priority == 0
    skew = SLOW.interval * 156 / 256
    assert taken.time - stop.time - skew >= -0.001
    assert taken.time - stalls.ready(stop.time + skew) <= 0.05


def test_stop_while_held_up(scene):
    """It is read seconds after it came, and the time runs from when it came."""
    held_up = 3
    scene.start(SLOW)
    speaker = scene.speak(SLOW)
    scene.wait_kept(10)
    speaker.kill()
    scene.device.process.signal(signal.SIGSTOP)
    try:
        wait_for(lambda: thread_status(scene.device.pid, "engine", "State") == "T", 5, "the engine is held up")
        scene.other.send(advert(SLOW, priority=0).frames())
        stop = scene.capture.wait_advert(20, host="other", vrid=SLOW.vrid, priority=0)
        observe(held_up, "nothing is read")
    finally:
        scene.device.process.signal(signal.SIGCONT)
    taken = scene.capture.wait_advert(20, host="ours", vrid=SLOW.vrid)
    late = taken.time - stop.time - SLOW.interval * 156 / 256
    assert -0.001 <= late < held_up / 2, f"{late} s after its time"


def test_stop_taken_back(scene):
    """What follows a stop is not swallowed for looking like what came before it."""
    scene.start(SLOW)
    scene.speak(SLOW)
    scene.wait_kept(10)
    scene.other.send(advert(SLOW, priority=0).frames())
    wait_for(lambda: scene.routers()["slow"]["counters"]["stop_received"] == 1, 5, "the stop")
    scene.wait_kept(10)
    assert scene.routers()["slow"]["state"] == "backup"


def test_raised_above_the_speaker(scene):
    """What was a repetition is one to preempt after the reload."""
    scene.start(ONE)
    scene.speak(ONE)
    scene.wait_kept(10)
    scene.device.configure(configuration([ONE.but(priority=250)]))
    scene.device.reload()
    wait_for(lambda: scene.routers()["one"]["state"] == "active", 20, scene.device.log)


def test_down_and_up(scene):
    """What was learned before is to be learned anew."""
    scene.start(ONE)
    scene.speak(ONE)
    scene.wait_kept(10)
    port = scene.device.host.network.port_of("ours")
    for state, wanted in (("down", "fault"), ("up", "backup")):
        scene.device.host.network.set_port(port, state)
        wait_for(lambda each=wanted: scene.routers()["one"]["state"] == each, 20, scene.device.log)
    scene.wait_kept(10)
    assert scene.routers()["one"]["active_address"] == SPEAKER[4]
    assert scene.routers()["one"]["state"] == "backup"


def test_switched_off_and_on(scene):
    scene.start(ONE, SIX)
    speaker = scene.speak(ONE, SIX)
    scene.wait_kept(10)
    for lines, wanted in ((("vrrp_kernel_filter off",), "off"), ((), "on")):
        scene.device.configure(configuration([ONE, SIX], lines))
        scene.device.reload()
        wait_for(lambda now=wanted: scene.engine()["kernel_filter"] == now, 10, scene.device.log)
        if wanted == "off":
            before = scene.engine()
            wait_for(lambda seen=before: scene.engine()["packets"] > seen["packets"] + 20, 10, "packets")
            assert scene.engine()["packets_kept"] == before["packets_kept"]
    scene.wait_kept(10)
    speaker.kill()
    scene.expect_counts(speaker.sent)
    assert all(each["counters"]["transitions"] == 0 for each in scene.routers().values())


def test_replaced_in_place(scene):
    """The next program reads what came meanwhile, and goes on."""
    scene.start(ONE, SLOW, global_lines=("vrrp_keep_on_restart",))
    speaker = scene.speak(ONE, SLOW)
    scene.wait_kept(10)
    scene.device.process.signal(signal.SIGUSR2)
    wait_for(lambda: "going on where the former program stopped" in scene.device.log(), 20, scene.device.log)
    wait_for(lambda: scene.routers().keys() == {"one", "slow"}, 20, scene.device.log)
    scene.wait_kept(10)
    assert scene.engine()["kernel_filter"] == "on"
    speaker.kill()
    scene.expect_counts(speaker.sent)
    assert all(each["counters"]["transitions"] == 0 for each in scene.routers().values())


def test_interface_returns(scene):
    """With another index."""
    extra = ONE.but(interface="eth1")
    scene.other.add_interface("eth1")
    scene.ours.add_interface("eth1", ["192.0.2.9/24"])
    scene.start(extra)

    def speak():
        scene.other.send(advert(extra).frames(), "eth1")
        return scene.engine()["packets_kept"]

    before = wait_for(lambda: speak() > 5 and speak(), 20, "kept ones")
    index = scene.ours.index("eth1")
    scene.ours.ip("link", "del", "eth1")
    wait_for(lambda: scene.routers()["one"]["state"] == "fault", 20, scene.device.log)
    scene.ours.ip("link", "add", "name", "between", "type", "bridge")
    scene.ours.add_interface("eth1", ["192.0.2.9/24"])
    assert scene.ours.index("eth1") != index
    wait_for(lambda: scene.routers()["one"]["state"] == "backup", 20, scene.device.log)
    wait_for(lambda: speak() > before + 5, 20, "kept ones")


def test_names_swapped(scene):
    """Two interfaces whose routers are alike but for their names: each goes on hearing its own wire, and only that."""
    names = ("eth1", "eth2")
    alike = [ONE.but(name=name, interface=name) for name in names]
    for number, name in enumerate(names):
        scene.ours.network.add_segment(f"wire-{name}")
        scene.other.add_interface(name, segment=f"wire-{name}")
        scene.ours.add_interface(name, [f"192.0.2.{8 + number}/24"], segment=f"wire-{name}")
    scene.start(*alike)
    silent = set()

    def speak():
        for each in alike:
            if each.name not in silent:
                scene.other.send(advert(each).frames(), each.name)
        return scene.engine()["packets_kept"], {name: each["state"] for name, each in scene.routers().items()}

    def speak_until(seen):
        return wait_for(lambda: seen(*speak()), 20, scene.device.log)

    speak_until(lambda kept, states: kept > 20)
    for new, old in (("between", "eth1"), ("eth1", "eth2"), ("eth2", "between")):
        scene.ours.ip("link", "set", old, "name", new)
    kept = speak_until(lambda kept, states: all(state == "backup" for state in states.values()) and kept)
    speak_until(lambda now, states: now > kept + 20)
    for name in names:
        other = names[name == names[0]]
        silent.add(other)  # the one that is on our wire now
        speak_until(lambda kept, states, ours=name: states[ours] == "active")
        assert speak()[1][other] == "backup"
        silent.clear()
        speak_until(lambda kept, states: set(states.values()) == {"backup"})


def test_more_than_there_are_places(scene):
    """A reload brings more routers than the table was made for: those left out are heard as the others are."""
    wires = [f"wire{number}" for number in range(5)]
    for number, wire in enumerate(wires):
        scene.ours.network.add_segment(wire)
        scene.other.add_interface(wire, segment=wire)
        scene.ours.add_interface(wire, [f"192.0.2.{100 + number}/24"], segment=wire)
    many = [SLOW.but(name=f"{wire}-{vrid}", vrid=vrid, interface=wire, interval=40, addresses=(f"10.{number}.0.{vrid}/32",))
            for number, wire in enumerate(wires) for vrid in range(1, 256)]
    frames = {wire: [frame for each in many if each.interface == wire for frame in advert(each).frames()] for wire in wires}
    first = ONE.but(interval=40)
    scene.start(first)
    assert scene.engine()["kernel_filter_left_out"] == 0
    scene.device.configure(configuration([first, *many]))
    scene.device.reload()
    wait_for(lambda: len(scene.routers()) == len(many) + 1, 30, scene.device.log)
    wait_for(lambda: {each["state"] for each in scene.routers().values()} == {"backup"}, 30, scene.device.log)
    for rounds in range(1, 5):
        for wire in wires:
            scene.other.send(frames[wire], wire)
        scene.expect_counts({each.name: rounds for each in many})
    engine = wait_for(lambda: (seen := scene.engine())["kernel_filter_left_out"] and seen, 10, scene.device.log)
    assert 0 < engine["kernel_filter_left_out"] < len(many)
    assert engine["packets_kept"] > 0
    scene.device.configure(configuration([first]))
    scene.device.reload()
    wait_for(lambda: scene.engine()["kernel_filter_left_out"] == 0, 20, lambda: f"{scene.engine()}")


class Bound(VrrpAgent):
    """Where the kernel lets nobody have what the filter takes."""

    def command(self):
        return ["setpriv", "--bounding-set=-bpf,-sys_admin", *super().command()]


def test_refused(network, devices, ended):
    """Then every one is read, and it is said."""
    scene = Scene(network, lambda kind, host: devices(Bound, host), ended)
    scene.start(ONE)
    speaker = scene.speak(ONE)
    wait_for(lambda: scene.engine()["packets"] > 20, 20, lambda: f"{scene.engine()}")
    assert scene.engine()["kernel_filter"] == "unavailable"
    assert scene.engine()["packets_kept"] == 0
    assert scene.device.log().count("the kernel does not check repeated advertisements: not permitted") == 1
    speaker.kill()
    scene.expect_counts(speaker.sent)


class Unwanted(VrrpAgent):
    def command(self):
        return [*super().command(), "--no-kernel-filter"]


def test_refused_by_the_option(network, devices, ended):
    scene = Scene(network, lambda kind, host: devices(Unwanted, host), ended)
    scene.start(ONE)
    scene.speak(ONE)
    wait_for(lambda: scene.engine()["packets"] > 20, 20, lambda: f"{scene.engine()}")
    assert scene.engine()["kernel_filter"] == "off"
    assert scene.engine()["packets_kept"] == 0


def test_refused_by_the_socket(scene):
    """It has no memory for it when the filter is switched on: the log says so, and the next reload tries again."""
    scene.start(ONE, global_lines=("vrrp_kernel_filter off",))
    speaker = scene.speak(ONE)
    wait_for(lambda: scene.engine()["packets"] > 5, 20, lambda: f"{scene.engine()}")
    assert scene.engine()["kernel_filter"] == "off"
    scene.ours.sysctl({"net/core/optmem_max": 1})
    scene.device.configure(configuration([ONE]))
    scene.device.reload()
    wait_for(lambda: scene.engine()["kernel_filter"] == "unavailable", 20, scene.device.log)
    wait_for(lambda: "engine: the kernel does not check repeated advertisements: Cannot allocate memory"
             in scene.device.log(), 20, scene.device.log)
    scene.ours.sysctl({"net/core/optmem_max": 131072})
    scene.device.reload()
    scene.wait_kept(10)
    speaker.kill()
    scene.expect_counts(speaker.sent)
