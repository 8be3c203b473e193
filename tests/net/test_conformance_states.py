# SPDX-License-Identifier: ISC
"""The state machine seen from outside (F1-F17, F20, F21, R28 as Backup).

Every scenario is a virtual router of its own and a short play of frames; all plays run at the same time and the
captured advertisements are compared with the protocol's times. A deadline never comes early; how late it may be
leaves room for a busy machine (the exact figures are the timing tests' business).
"""

from dataclasses import dataclass

import pytest

from harness.bench import CROSSING, DUT, LOWER, TESTER, Bench
from harness.config import password
from harness.device import Keepalived

ONE_WORKER = "conformance-states"

EARLY, LATE = 0.010, 0.350
AT_ONCE = 0.150
# The plays begin one after the other, so that the device is not asked for 60 transitions at one moment.
STAGGER = 0.04
ALL = ("v2", "v3", "v6")
V3 = ("v3", "v6")


def near(measured, expected):
    """Whether a measured number of seconds is the expected one."""
    assert measured is not None, f"nothing was sent; expected after {expected:.3f} s"
    assert expected - EARLY <= measured <= expected + LATE, f"{measured:.3f} s, expected {expected:.3f} s"


@dataclass(frozen=True)
class Scenario:
    """play: (seconds, changes of the probe); check(router, stamps of the frames)."""

    id: str
    flavours: tuple
    play: object
    check: object
    config: dict = None


def frames(*steps):
    return lambda router: [(offset, router.probe.but(**changes)) for offset, changes in steps]


def takes_over_after(place, seconds):
    """The first advertisement after frame `place` comes after seconds(router)."""
    return lambda router, stamps: near(router.silence_after(stamps[place]), seconds(router))


def active_down(router):
    return router.active_down


def own_interval(router):
    return router.interval


def skew(router):
    return router.skew


def learned_down(interval):
    return lambda router: 3 * interval + (256 - router.instance.priority) / 256 * interval


def _lower_keeps_backup(router):
    step = router.interval
    return [(0, router.probe)] + [(step * number, router.probe.but(priority=50)) for number in range(1, 7)]


def _stays_backup(router, stamps):
    heard = router.adverts(stamps[0] + 0.05, stamps[-1])
    assert not heard, "the router preempted"
    near(router.silence_after(stamps[-1]), router.active_down)


def _answers(router, stamps):
    """Each frame is answered at once; the advertisements go on in the router's interval."""
    for stamp in stamps:
        answer = router.gap_after(stamp)
        assert answer is not None and answer <= AT_ONCE, f"answered after {answer} s"
    times = [seen.time for seen in router.adverts(stamps[-1])]
    assert times[1] - times[0] <= router.interval + LATE


def _answers_and_rearms(router, stamps):
    """After priority 0 the interval begins anew with the answer (RFC 9568 6.4.3)."""
    _answers(router, stamps)
    times = [seen.time for seen in router.adverts(stamps[-1])]
    near(times[1] - times[0], router.interval)


def _own_interval_again(router, stamps):
    near(router.silence_after(stamps[0]), 3 + (256 - 100) / 256)
    seen = router.adverts(stamps[0] + CROSSING)[:4]
    for earlier, later in zip(seen, seen[1:]):
        near(later.time - earlier.time, router.interval)
    assert {each.interval for each in seen} == {router.interval}


def _source(table):
    return lambda router: [(0, router.probe.but(priority=router.instance.priority, source=table[router.family]))]


def _answer_twice(**changes):
    def play(router):
        source = changes.get("source", TESTER)[router.family]
        frame = router.probe.but(priority=changes["priority"], source=source)
        return [(0, frame), (1.37 * router.interval, frame)]

    return play


def _virtual_source(router):
    frame = router.probe.but(source=router.addresses[0], priority=255, **_second(router))
    return [(0, router.probe), (0.2, frame)]


def _second(router):
    return {"interval": 1 if router.version == 2 else 100}


def _is_not_answered(router, stamps):
    """What comes at its regular time may follow one of the frames, but not both."""
    gaps = [router.gap_after(stamp) for stamp in stamps]
    assert max(gaps) > AT_ONCE, f"both frames are answered, after {gaps} s"


def _answers_and_yields(router, stamps):
    answer = router.gap_after(stamps[0])
    assert answer <= AT_ONCE, f"answered after {answer} s"
    near(router.silence_after(stamps[0] + answer + 0.001), router.active_down - answer)


def _stays_active(router, stamps):
    heard = router.adverts(stamps[0], stamps[0] + 3 * router.interval)
    assert len(heard) >= 2, "the router fell silent"


def _with_ah(*steps):
    """(seconds, sequence number) of frames inside AH."""
    return lambda router: [(offset, router.probe.but(auth_type=2, ah=("right", sequence)))
                           for offset, sequence in steps]


def _other_list(router):
    return [(0, router.probe), (1, router.probe.but(addresses=("198.51.100.250",)))]


def _down_after_5(router):
    return router.active_down + 2 * router.interval


def _sends(form):
    def check(router, stamps):
        near(router.silence_after(stamps[-1]), router.active_down)
        assert router.adverts(stamps[-1] + CROSSING)[0].checksum_form == form

    return check


def _message_checksums(*offsets):
    return frames(*((offset, {"checksum": "message"}) for offset in offsets))


AH = {"extra": password("right", "AH")}
SECOND = {"interval": 1}
SCENARIOS = [
    Scenario("F3-priority-0-to-backup", ALL, frames((0, {}), (0.3, {"priority": 0})), takes_over_after(1, skew)),
    Scenario("F4-equal-rearms", ALL, frames((0, {}), (0.6, {"priority": 100})), takes_over_after(1, active_down)),
    Scenario("F4-greater-rearms", ALL, frames((0, {}), (0.6, {"priority": 101})), takes_over_after(1, active_down)),
    Scenario("F5-lower-preempt", ALL, frames((0, {}), (0.6, {"priority": 50})), takes_over_after(0, active_down)),
    Scenario("F6-lower-nopreempt", ALL, _lower_keeps_backup, _stays_backup, {"extra": ("nopreempt",)}),
    Scenario("F7-learns-interval", V3, frames((0, {"interval": 100})), takes_over_after(0, learned_down(1))),
    Scenario("F8-priority-0-to-active", ALL, _answer_twice(priority=0), _answers_and_rearms, SECOND),
    Scenario("F9-greater-priority", ALL, frames((0, {"priority": 101})), takes_over_after(0, active_down)),
    Scenario("F10-equal-greater-source", ALL, _source(TESTER), takes_over_after(0, active_down)),
    Scenario("F11-equal-lower-source", ALL, _answer_twice(priority=100, source=LOWER), _answers, SECOND),
    Scenario("F12-lower-priority", ALL, _answer_twice(priority=99), _answers, SECOND),
    Scenario("F16-unsigned", ("v2", "v3"), _source({4: "200.0.0.1"}), takes_over_after(0, active_down)),
    Scenario("F16-network-order", ("v2", "v3"), _source({4: "10.9.3.5"}), takes_over_after(0, active_down)),
    Scenario("F16-unsigned", ("v6",), _source({6: "fe80::8000:0:0:1"}), takes_over_after(0, active_down)),
    Scenario("F16-network-order", ("v6",), _source({6: "fe80::100:5"}), takes_over_after(0, active_down)),
    Scenario("F17-own-interval-again", V3, frames((0, {"interval": 100})), _own_interval_again),
    Scenario("F20-skew-of-2-s", ("v2", "v3"), frames((0, {}), (0.3, {"priority": 0})), takes_over_after(1, skew),
             {"interval": 2}),
    Scenario("F12-lower-prio-no-advert", ALL, _answer_twice(priority=99), _is_not_answered,
             {"interval": 1, "extra": ("lower_prio_no_advert",)}),
    Scenario("F9-higher-prio-send-advert", ALL, frames((0, {"priority": 101})), _answers_and_yields,
             {"interval": 2, "extra": ("higher_prio_send_advert",)}),
    Scenario("F4-down-timer-adverts", ALL, frames((0, {})), takes_over_after(0, _down_after_5),
             {"extra": ("down_timer_adverts 5",)}),
    Scenario("R17-skip-check-adv-addr", ("v2",), _other_list, takes_over_after(1, active_down),
             {"extra": ("skip_check_adv_addr",)}),
    Scenario("R17-check-adv-addr", ("v2",), _other_list, takes_over_after(0, active_down)),
    Scenario("R33-new-sequence", ("v2",), _with_ah((0, 10), (0.6, 11)), takes_over_after(1, active_down), AH),
    Scenario("R33-replayed", ("v2",), _with_ah((0, 10), (0.6, 10), (1.2, 9)), takes_over_after(0, active_down), AH),
    Scenario("R8b-three-times-heard-and-sent", ("v3",), _message_checksums(0, 0.5, 1, 1.5), _sends("message")),
    Scenario("R8b-twice-heard-is-not-enough", ("v3",), _message_checksums(0, 0.5, 1), _sends("pseudo")),
    Scenario("R8b-heard-and-forced-off", ("v3",), _message_checksums(0, 0.5, 1, 1.5), _sends("pseudo"),
             {"extra": ("v3_checksum_as_v2 off",)}),
    Scenario("R8b-forced-on-and-never-heard", ("v3",), frames((0, {}), (0.5, {}), (1, {}), (1.5, {})),
             _sends("message"), {"extra": ("v3_checksum_as_v2 on",)}),
    Scenario("R18-owner-ignores", V3, frames((0, {"priority": 255})), _stays_active,
             {"priority": 255, "state": "MASTER", "extra": ("owner_ignore_adverts",)}),
    Scenario("R28-virtual-source-as-backup", V3, _virtual_source, takes_over_after(1, learned_down(1))),
    Scenario("R28-virtual-source-as-backup", ("v2",), _virtual_source, takes_over_after(1, active_down)),
]
# Where keepalived 2.2.7 is known to do something else; docs/migration.md says so in words. What it discards as
# Active still puts off its next advertisement, by an interval from then.
KEEPALIVED = {
    "R17-skip-check-adv-addr-v2": takes_over_after(0, active_down),
    "R8b-three-times-heard-and-sent-v3": takes_over_after(-1, own_interval),
    "R8b-twice-heard-is-not-enough-v3": takes_over_after(-1, own_interval),
    "R8b-heard-and-forced-off-v3": takes_over_after(-1, own_interval),
    "R8b-forced-on-and-never-heard-v3": _sends("pseudo"),
    "R18-owner-ignores-v3": takes_over_after(0, active_down),
    "R18-owner-ignores-v6": takes_over_after(0, active_down),
}
PARAMETERS = [(scenario, flavour) for scenario in SCENARIOS for flavour in scenario.flavours]
START = {priority: f"start-{priority}" for priority in (1, 100, 254, 255)}


def _name(scenario, flavour):
    return f"{scenario.id}-{flavour}"


class Scene:
    """The bench after all plays; routers by name, stamps of the frames by the router's name."""

    def __init__(self, bench):
        self.bench = bench
        self.routers = {}
        self.stamps = {}

    def add(self, name, flavour, **changes):
        self.routers[name] = self.bench.router(name, flavour, **changes)
        return self.routers[name]

    def build(self):
        for priority, name in START.items():
            self.add(name, "v3", priority=priority, interval=1, state="MASTER" if priority == 255 else "BACKUP")
        for flavour in ("v3", "v6"):
            self.add(f"F21-hit-{flavour}", flavour, vrid=200 if flavour == "v3" else 201)
            self.add(f"F21-twin-{flavour}", "v6" if flavour == "v3" else "v3", vrid=200 if flavour == "v3" else 201)
        for flavour in ALL:
            self.add(f"F13-{flavour}", flavour)
            self.add(f"F14-{flavour}", flavour)
            self.add(f"F15-{flavour}", flavour, interval=1)
        for scenario, flavour in PARAMETERS:
            self.add(_name(scenario, flavour), flavour, **(scenario.config or {}))

    def run(self):
        self.bench.start()
        self.bench.wait_active()
        schedule, owners = [], []
        for place, (scenario, flavour) in enumerate(PARAMETERS):
            name = _name(scenario, flavour)
            steps = scenario.play(self.routers[name])
            schedule += [(offset + STAGGER * place, frame) for offset, frame in steps]
            owners += [name] * len(steps)
        for flavour in ("v3", "v6"):
            schedule.append((0, self.routers[f"F21-hit-{flavour}"].probe))
            owners.append(f"F21-hit-{flavour}")
        for flavour in ALL:
            echo = self.routers[f"F13-{flavour}"].adverts()[-1].raw
            schedule += [(0.05 * number, [echo]) for number in range(20)]
            owners += [f"F13-{flavour}"] * 20
        sent = self.bench.play(schedule)
        for name, each in zip(owners, sent):
            self.stamps.setdefault(name, []).append(each.time)
        self.bench.look_on(8, "the longest Active_Down of a scenario, and what follows it")

    def stop(self):
        """SIGTERM while the F15 routers are Backup; the time of the last frame that made them so."""
        sent = [self.bench.send(self.routers[f"F15-{flavour}"].probe) for flavour in ALL]
        stamps = [each.time for each in sent]
        self.bench.look_on(0.1, "the F15 routers become Backup")
        self.bench.device.stop()
        return max(stamps)


@pytest.fixture(scope="module")
def scene(dut_kind, tmp_path_factory):
    bench = Bench(dut_kind, tmp_path_factory.mktemp("states"))
    try:
        made = Scene(bench)
        made.build()
        made.run()
        made.backup_since = made.stop()
        yield made
    finally:
        bench.close()


@pytest.mark.parametrize("scenario, flavour", PARAMETERS, ids=[_name(*each) for each in PARAMETERS])
def test_state(scene, dut_kind, scenario, flavour):
    name = _name(scenario, flavour)
    check = KEEPALIVED.get(name, scenario.check) if dut_kind is Keepalived else scenario.check
    check(scene.routers[name], scene.stamps[name])


@pytest.mark.parametrize("priority", [1, 100, 254])
def test_F1_startup_waits_active_down(scene, priority):
    owner = scene.routers[START[255]].adverts()[0].time
    router = scene.routers[START[priority]]
    near(router.adverts()[0].time - owner, router.active_down)


def test_F2_owner_is_active_at_once(scene):
    """Before any router with the same interval, by more than the whole Active_Down of the greatest priority."""
    first = scene.routers[START[255]].adverts()[0]
    assert first.priority == 255
    others = min(scene.routers[START[priority]].adverts()[0].time for priority in (1, 100, 254))
    assert others - first.time >= 3.0


@pytest.mark.parametrize("flavour", ALL)
def test_F13_own_frames_make_no_storm(scene, flavour):
    name = f"F13-{flavour}"
    router, stamps = scene.routers[name], scene.stamps[name]
    own = [seen for seen in router.adverts(stamps[0], stamps[-1])]
    expected = (stamps[-1] - stamps[0]) / router.interval
    assert len(own) <= expected + 2, f"{len(own)} advertisements while 20 of its own came back"
    assert router.adverts(stamps[-1]), "the router fell silent"


@pytest.mark.parametrize("flavour", ALL)
def test_F14_shutdown_when_active_sends_priority_0(scene, flavour):
    last = scene.routers[f"F14-{flavour}"].adverts()[-1]
    assert last.priority == 0
    assert last.source == DUT[last.family]


@pytest.mark.parametrize("flavour", ALL)
def test_F15_shutdown_when_backup_is_silent(scene, flavour):
    router = scene.routers[f"F15-{flavour}"]
    assert router.adverts(until=scene.backup_since), "the router was never Active"
    assert not router.adverts(since=scene.backup_since + 0.05)


@pytest.mark.parametrize("flavour", ["v3", "v6"])
def test_F21_families_are_independent(scene, flavour):
    hit, twin = scene.routers[f"F21-hit-{flavour}"], scene.routers[f"F21-twin-{flavour}"]
    assert hit.vrid == twin.vrid and hit.family != twin.family
    stamp = scene.stamps[hit.name][0]
    near(hit.silence_after(stamp), hit.active_down)
    times = [seen.time for seen in twin.adverts(stamp - 2 * twin.interval, stamp + hit.active_down)]
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 2 * twin.interval
