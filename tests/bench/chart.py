"""JSON lines of the jobs as a table, as bars in text, and as a drawing (SVG)."""
import re
from xml.sax.saxutils import escape

WIDTH = 40


def amount(value, unit):
    if value is None:
        return "-"
    if unit == "routes/s":
        return "{:,.0f}/s".format(value)
    return "%.4g %s" % (value, unit) if value >= 100 else "%.3g %s" % (value, unit)


def total(costs, digits=2):
    return "%.*f" % (digits, sum(costs.values())) if costs else "-"


def table(lines, titles):
    """One row a job: ours, theirs, the ratio against its target, what it cost"""
    head = ("job", "Ambo", "BIRD", "ratio", "target", "", "CPU s speaker + controller", "CPU s BIRD",
            "peak MiB", "BIRD MiB", "others")
    rows = []
    for r in lines:
        if "failed" in r:
            rows.append((r["job"], "failed: " + r["failed"].splitlines()[0][:60] if r["failed"] else "failed")
                        + ("",) * (len(head) - 2))
            continue
        cpu, rss = r.get("ambo_cpu", {}), r.get("ambo_rss", {})
        target = r.get("target")
        rows.append((r["job"], amount(r["ambo"], r["unit"]), amount(r["bird"], r["unit"]), str(r.get("ratio", "-")),
                     "-" if target is None else str(target) if "ratio" in r and not r.get("absolute") else
                     amount(target, r["unit"]),
                     "" if "met" not in r else "met" if r["met"] else "missed",
                     " + ".join("%.2f" % v for v in cpu.values()) or "-", total(r.get("bird_cpu")),
                     " + ".join("%.0f" % v for v in rss.values()) or "-", total(r.get("bird_rss"), 0),
                     str(r.get("others", "-"))))
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in [head] + rows)


SHORT = {"routes/s": lambda v: "{:,}/s".format(round(v, 2 - len(str(round(v)))) if v > 1000 else v),
         "s": lambda v: "%.*f s" % (1 if v >= 10 else 2 if v >= 0.995 else 3, v), "MiB": lambda v: "%.3g MiB" % v}
MORE = {"idle_cpu_percent": "idle %.2g %% of a core", "kib_a_session": "%.2g KiB a session",
        "p99": "99 of 100 within %.2g ms", "p99_ratio": "%.2g times the chain's", "max": "the longest %.2g ms", "updates_more": "%d UPDATEs said again"}


def short(value, unit):
    return "-" if value is None else SHORT.get(unit, lambda v: "%.3g %s" % (v, unit))(value)


def hot(line, count=2):
    """The hottest functions of each half"""
    return "; ".join(", ".join("%s %.0f %%" % (re.sub(r"\.\S*", "", name), share) for name, share in one[:count]) or "nothing"
                     for one in line.get("hot", {}).values())


def rival(r):
    if "floors" in r:
        return ", ".join("%s %s" % (name, short(v, r["unit"])) for name, v in r["floors"].items())
    return short(r["bird"], r["unit"])


def markdown(lines):
    """The table of README.md"""
    head = ("job", "Ambo", "BIRD, or floor", "ratio", "target", "CPU s speaker + controller; BIRD", "peak MiB; BIRD",
            "two hottest functions: speaker; controller", "")
    rows = [head, ("---",) * len(head)]
    for r in lines:
        if "failed" in r:
            rows.append((r["job"], "failed") + ("",) * (len(head) - 2))
            continue
        cpu, rss = (" + ".join(form % v for v in r.get(what, {}).values()) for what, form in (
            ("ambo_cpu", "%.2f"), ("ambo_rss", "%.0f")))
        if r["bird"] is not None:
            cpu, rss = cpu + "; " + total(r["bird_cpu"]), rss + "; " + total(r["bird_rss"], 0)
        target = r.get("target")
        rows.append((
            r["job"], short(r["ambo"], r["unit"]), rival(r),
            ", ".join(map(str, r["ratios"].values())) if "ratios" in r else str(r.get("ratio", "")),
            "" if target is None else "%s%s" % (
                "%g" % target if "ratio" in r and not r.get("absolute") else short(target, r["unit"]),
                "" if r["met"] else ", missed"),
            cpu, rss, hot(r), ", ".join(MORE[k] % r[k] for k in MORE if k in r)))
    return "\n".join("| %s |" % " | ".join(row) for row in rows)


def shares(lines):
    """[(line, who, value, part of the larger of both)] of what has a rival"""
    out = []
    for r in lines:
        if r.get("ratio") is None or "failed" in r:
            continue
        rivals = {"BIRD": r["bird"]} if r["bird"] is not None else r["floors"]
        most = max(r["ambo"], *rivals.values()) or 1
        out += [(r, who, value, value / most) for who, value in (("Ambo", r["ambo"]), *rivals.items())]
    return out


def bars(lines, titles):
    out = []
    for r, who, value, part in shares(lines):
        if who == "Ambo":
            out.append("\n%s" % titles.get(r["job"], r["job"]))
        out.append("  %-11s %-*s %s" % (who, WIDTH, "#" * max(1, round(part * WIDTH)), amount(value, r["unit"])))
    return "\n".join(out)


def svg(lines, titles):
    parts, y = [], 30
    for r, who, value, part in shares(lines):
        if who == "Ambo":
            y += 10
            parts.append('<text x="10" y="%d" class="t">%s</text>' % (y, escape(titles.get(r["job"], r["job"]))))
            y += 8
        parts.append('<rect x="70" y="%d" width="%d" height="12" class="%s"/>' % (y, max(2, part * 400),
            who.lower() if who in ("Ambo", "BIRD") else "floor"))
        parts.append('<text x="10" y="%d">%s</text><text x="%d" y="%d">%s</text>' % (
            y + 10, who, 76 + part * 400, y + 10, amount(value, r["unit"])))
        y += 16
    style = ("text { font: 11px sans-serif } .t { font-weight: bold } .ambo { fill: #2a7 } .bird { fill: #999 } "
             ".floor { fill: #ccc }")
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="620" height="%d"><style>%s</style>'
            '<text x="10" y="18" class="t">Ambo beside BIRD, the same run; shorter is better</text>\n%s\n</svg>\n' % (
                y + 20, style, "\n".join(parts)))
