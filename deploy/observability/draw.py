#!/usr/bin/python3
"""Draws the panels of the dashboards (SVG) from what Prometheus answers to their queries, for machines without Grafana.

    draw.py http://127.0.0.1:9090 docs/dashboards --minutes 20 --interval 1m
"""
import argparse
import json
import math
import pathlib
import time
import urllib.parse
import urllib.request
from xml.sax.saxutils import escape

COLUMN, ROW, GAP = 50, 30, 8
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666", "#8a6d3b", "#b22222"]


def ask(prometheus, query, start, end, step):
    """Label and points (time, value) of each series; what is not a number is left out."""
    arguments = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query_range?{arguments}") as reply:
        for series in json.load(reply)["data"]["result"]:
            points = [(at, float(value)) for at, value in series["values"] if math.isfinite(float(value))]
            if points:
                yield series["metric"], points


def label(form, metric):
    for name, value in metric.items():
        form = form.replace("{{%s}}" % name, value)
    return form.strip()


def number(value, unit):
    if value == 0:
        return "0"
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "bytes":
        for suffix in ["B", "KiB", "MiB", "GiB"]:
            if abs(value) < 1024 or suffix == "GiB":
                return f"{value:.4g} {suffix}"
            value /= 1024
    if unit == "s":
        return next(f"{value * scale:.3g} {suffix}" for least, scale, suffix in
                    [(3600, 1 / 3600, "h"), (100, 1 / 60, "min"), (1, 1, "s"), (1e-3, 1e3, "ms"), (0, 1e6, "µs")] if abs(value) >= least)
    return f"{value / 1000:.3g}k" if abs(value) >= 10_000 else f"{value:.4g}"


def text(x, y, content, size=11, anchor="start", weight="normal", fill="#333333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}">{escape(content)}</text>'


def step_of(span, unit):
    """Distance of the grid's lines: four to eight of them make the span."""
    if unit == "bytes":
        scale = 1024 ** max(0, math.floor(math.log(span, 1024)))
        return step_of(span / scale, "short") * scale
    power = 10 ** math.floor(math.log10(span))
    return power * next(part for least, part in [(7, 2), (3, 1), (1.5, 0.5), (0, 0.25)] if span / power >= least)


def lighter(colour):
    return "#" + "".join(f"{255 - round((255 - int(colour[i:i + 2], 16)) * 0.35):02x}" for i in (1, 3, 5))


def stacked(lines):
    """Each line above the sum of those before it, where they have points at the same time."""
    below, result = {}, []
    for name, points in lines:
        for at, value in points:
            below[at] = below.get(at, 0) + value
        result.append((name, [(at, below[at]) for at, _ in points]))
    return result


def draw_stat(panel, lines, width, height, unit):
    mappings = {key: value for entry in panel["fieldConfig"]["defaults"].get("mappings", []) for key, value in entry["options"].items()}
    shown = []
    for i, (name, points) in enumerate(lines):
        value = points[-1][1]
        mapped = mappings.get(f"{value:g}")
        x = width * (2 * i + 1) / (2 * len(lines))
        shown.append(text(x, height / 2 + 14, mapped["text"] if mapped else number(value, unit), 26, "middle", "bold", mapped["color"] if mapped else "#0072b2"))
        if len(lines) > 1:
            shown.append(text(x, height / 2 + 32, name, 10, "middle"))
    return shown


def draw_lines(panel, lines, width, height, start, end, unit):
    legend_rows = max(1, math.ceil(len(lines) / max(1, width // 190)))
    left, right, top, bottom = 62, 12, 32, height - 26 - 15 * legend_rows
    defaults = panel["fieldConfig"]["defaults"]
    stack = defaults["custom"]["stacking"]["mode"] == "normal"
    drawn = stacked(lines) if stack else lines
    values = [value for _, points in drawn for _, value in points]
    low, high = min(values + [defaults.get("min", math.inf)]), max(values)
    step = step_of(high - low or abs(high) or 1, unit)
    low = math.floor(low / step) * step
    high = max(math.ceil(high / step) * step, low + step)

    def at(when, value):
        return f"{left + (when - start) / (end - start) * (width - left - right):.1f},{bottom - (value - low) / (high - low) * (bottom - top):.1f}"

    shown = []
    for i in range(round((high - low) / step) + 1):
        y = bottom - i * step / (high - low) * (bottom - top)
        shown.append(f'<line x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" stroke="#e2e2e2"/>')
        shown.append(text(left - 6, y + 4, number(low + i * step, unit), 10, "end", fill="#666666"))
    for i in range(4):
        when = start + (end - start) * i / 3
        shown.append(text(left + (width - left - right) * i / 3, bottom + 15, f"{(when - start) / 60:.0f} min", 10, "middle", fill="#666666"))
    for i, (_, points) in reversed(list(enumerate(drawn))):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(at(*point) for point in points)
        if stack:
            shown.append(f'<polygon points="{at(points[0][0], low)} {path} {at(points[-1][0], low)}" fill="{lighter(colour)}"/>')
        shown.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    columns = max(1, width // 190)
    for i, (name, points) in enumerate(lines):
        x, y = left - 40 + (i % columns) * 190, bottom + 32 + 15 * (i // columns)
        shown.append(f'<rect x="{x}" y="{y - 5}" width="12" height="4" fill="{COLOURS[i % len(COLOURS)]}"/>')
        shown.append(text(x + 17, y, f"{name}: {number(points[-1][1], unit)}", 10))
    return shown


def draw(board, prometheus, start, end, interval, names):
    panels = board["panels"]
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) * ROW + 40
    shown = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{24 * COLUMN}" height="{height}" viewBox="0 0 {24 * COLUMN} {height}" font-family="sans-serif">',
             f'<rect width="100%" height="100%" fill="#f4f5f5"/>', text(12, 26, board["title"], 17, weight="bold")]
    for panel in panels:
        place, unit = panel["gridPos"], panel["fieldConfig"]["defaults"]["unit"]
        width, tall = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
        shown.append(f'<g transform="translate({place["x"] * COLUMN + GAP / 2} {place["y"] * ROW + 40})">')
        shown.append(f'<rect width="{width}" height="{tall}" rx="3" fill="#ffffff" stroke="#dddddd"/>{text(10, 19, panel["title"], 12, weight="bold")}')
        lines = [(label(target["legendFormat"], {**metric, **names.get(metric.get("instance"), {})}), points) for target in panel["targets"]
                 for metric, points in ask(prometheus, target["expr"].replace("$__rate_interval", interval), start, end, max(1, (end - start) / 120))]
        if not lines:
            shown.append(text(width / 2, tall / 2, "no data", 12, "middle"))
        elif panel["type"] == "stat":
            shown += draw_stat(panel, lines, width, tall, unit)
        else:
            shown += draw_lines(panel, lines, width, tall, start, end, unit)
        shown.append("</g>")
    return "\n".join(shown + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prometheus")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--interval", default="1m", help="in place of Grafana's $__rate_interval")
    arguments = parser.parse_args()
    end = time.time()
    start = end - 60 * arguments.minutes
    # Ports say nothing: processes are counted through.
    with urllib.request.urlopen(f"{arguments.prometheus}/api/v1/targets") as reply:
        targets = sorted((target["labels"]["job"], target["labels"]["instance"]) for target in json.load(reply)["data"]["activeTargets"])
    jobs = [job for job, _ in targets]
    names = {instance: {"instance": f"{i - jobs.index(job)}" if jobs.count(job) > 1 else ""} for i, (job, instance) in enumerate(targets)}
    arguments.out.mkdir(parents=True, exist_ok=True)
    for file in sorted((pathlib.Path(__file__).parent / "grafana" / "dashboards").glob("*.json")):
        (arguments.out / f"{file.stem}.svg").write_text(draw(json.loads(file.read_text()), arguments.prometheus, start, end, arguments.interval, names))


main()
