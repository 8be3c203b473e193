# SPDX-License-Identifier: ISC
"""What several processes have in memory, each page counted once, whoever else may share it."""

from array import array

_PAGE = 4096
_PRESENT = 1 << 63
_FILE_OR_SHARED = 1 << 61
_NUMBER = (1 << 55) - 1
# A larger area is a sanitizer's, which reserves addresses for everything there could be.
_LARGEST = (4 << 30) // _PAGE


def _areas(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as stream:
        for line in stream:
            begin, _, end = line.split(" ", 1)[0].partition("-")
            pages = int(begin, 16) // _PAGE, int(end, 16) // _PAGE
            if (not line.rstrip().endswith(("[vsyscall]", "[vvar]", "[vdso]", "[vvar_vclock]"))
                    and pages[1] - pages[0] <= _LARGEST):
                yield pages


def _pages(pid):
    """(number of the page frame, whether it is of a file or shared memory) of each page that is there."""
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as stream:
        for begin, end in _areas(pid):
            stream.seek(begin * 8)
            for entry in array("Q", stream.read((end - begin) * 8)):
                if entry & _PRESENT:
                    yield entry & _NUMBER, bool(entry & _FILE_OR_SHARED)


def resident(pids):
    """(octets in all, octets that are no file's and nobody else's) of these processes together."""
    everything, own = set(), set()
    for pid in pids:
        for number, shared in _pages(pid):
            everything.add(number)
            if not shared:
                own.add(number)
    assert 0 not in everything or len(everything) > 1, "page frame numbers need root"
    return len(everything) * _PAGE, len(own) * _PAGE
