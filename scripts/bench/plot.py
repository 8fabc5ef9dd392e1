"""Draws cost as work grows: seconds of a step, product and peer, over each of the things that grow."""

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 300, 220, 46, 36, 30
COLOURS = {"product": "#c2410c", "peer": "#475569"}


def panel(title, points, x0):
    """points: {side: [(x, seconds)]}; both axes logarithmic."""
    from math import log

    xs = sorted({x for line in points.values() for x, _ in line})
    ys = [y for line in points.values() for _, y in line]
    low, high = min(ys) * 0.8, max(ys) * 1.25
    across = lambda x: x0 + LEFT + (WIDTH - LEFT - 16) * log(x / xs[0]) / log(xs[-1] / xs[0])
    up = lambda y: TOP + (HEIGHT - TOP - BOTTOM) * (1 - log(y / low) / log(high / low))
    out = [f'<text x="{x0 + LEFT}" y="18" font-weight="bold">{title}</text>',
           f'<path d="M{x0 + LEFT} {TOP}V{HEIGHT - BOTTOM}H{x0 + WIDTH - 10}" fill="none" stroke="#94a3b8"/>']
    out += [f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x}</text>' for x in xs]
    for y in (0.5, 1, 2, 5, 10, 20, 50):
        if low <= y <= high:
            out += [f'<text x="{x0 + LEFT - 6}" y="{up(y) + 4:.1f}" text-anchor="end">{y:g} s</text>',
                    f'<path d="M{x0 + LEFT} {up(y):.1f}H{x0 + WIDTH - 10}" stroke="#e2e8f0"/>']
    for side, line in points.items():
        places = [(across(x), up(y)) for x, y in sorted(line)]
        out.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{COLOURS[side]}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[side]}"/>' for x, y in places]
    return out


def draw(panels, file):
    """panels: {title: {side: [(x, seconds)]}}"""
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(panels)}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for i, (title, points) in enumerate(panels.items()):
        out += panel(title, points, i * WIDTH)
    for i, (side, colour) in enumerate(COLOURS.items()):
        out.append(f'<text x="{WIDTH - 70 + i * 60}" y="{HEIGHT - 6}" fill="{colour}">{side}</text>')
    file.write_text("\n".join([*out, "</svg>"]) + "\n")
