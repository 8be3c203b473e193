# SPDX-License-Identifier: ISC
"""The parts of a picture: pieces of SVG, and places on logarithmic axes."""

import math
from html import escape

WIDTH = 960
STYLE = """
    svg { font: 13px sans-serif; }
    .ground { fill: #ffffff; } text { fill: #24292f; } .faint { fill: #59636e; font-size: 11px; }
    .title { font-size: 15px; font-weight: bold; } .axis { stroke: #8c959f; fill: none; } .grid { stroke: #d8dee4; }
    .ours { stroke: #0969da; fill: #0969da; } .theirs { stroke: #bc4c00; fill: #bc4c00; }
    .met { stroke: #1a7f37; fill: #1a7f37; } .missed { stroke: #cf222e; fill: #cf222e; }
    text.met, text.missed { stroke: none; font-size: 11px; font-weight: bold; }
    .curve { fill: none; stroke-width: 2; } .cross { fill: none; stroke-width: 2.5; }
    .aim { stroke: #24292f; stroke-width: 2; } .dashed { stroke: #24292f; stroke-dasharray: 4 3; }
    @media (prefers-color-scheme: dark) {
        .ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; } .grid { stroke: #2d333b; }
        .ours { stroke: #58a6ff; fill: #58a6ff; } .theirs { stroke: #f0883e; fill: #f0883e; }
        .met { stroke: #3fb950; fill: #3fb950; } .missed { stroke: #ff7b72; fill: #ff7b72; }
        .aim, .dashed { stroke: #e6edf3; } .curve, .cross { fill: none; }
    }
"""


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def dot(x, y, kind, radius=5):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind}"/>'


def square(x, y, kind, half=4.5):
    return (f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:g}" height="{2 * half:g}" '
            f'class="{kind}"/>')


def cross(x, y, kind, half=4.5):
    return (f'<path d="M{x - half:.1f} {y - half:.1f}L{x + half:.1f} {y + half:.1f}'
            f'M{x - half:.1f} {y + half:.1f}L{x + half:.1f} {y - half:.1f}" class="cross {kind}"/>')


def scale(value, least, most, begin, end):
    """The place of a value on a logarithmic axis; what is beyond its ends is at them."""
    value = min(max(value, least), most)
    return begin + (end - begin) * math.log(value / least) / math.log(most / least)


def document(height, parts):
    body = "\n".join(f"  {part}" for part in parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="keepalived and vrrp-agent, measured">\n  <style>{STYLE}  </style>\n'
            f'  <rect class="ground" width="{WIDTH}" height="{height}"/>\n{body}\n</svg>\n')
